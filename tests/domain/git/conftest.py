"""Payloads as files: what a provider sends, with its headers. Each names the page it was built after."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.event import Request
from domain.git.provider import detect
from domain.git.push import Push, read_push

PAYLOADS = Path(__file__).parent / "payloads"


@pytest.fixture
def document() -> Callable[[str], dict[str, Any]]:
    """A file, by its name without .json: `headers` and `body`."""
    return lambda name: json.loads((PAYLOADS / f"{name}.json").read_text())


@pytest.fixture
def request_of(document: Callable[[str], dict[str, Any]]) -> Callable[..., Request]:
    """The request that a file describes, with another value at some paths; `...` takes away what is there."""

    def made(name: str, changes: dict[str, object] | None = None) -> Request:
        found = document(name)
        for path, value in (changes or {}).items():
            _change(found["body"], path, value)
        headers = tuple((key.lower().encode(), value.encode()) for key, value in found["headers"].items())
        return Request("POST", b"", b"", headers, json.dumps(found["body"]).encode())

    return made


@pytest.fixture
def read(request_of: Callable[..., Request]) -> Callable[..., Push]:
    """What such a request says."""

    def found(name: str, changes: dict[str, object] | None = None) -> Push:
        request = request_of(name, changes)
        provider = detect(request)
        assert provider
        return read_push(provider, request)

    return found


def _change(body: Any, path: str, value: object) -> None:
    *before, last = [int(name) if name.isdigit() else name for name in path.split(".")]
    for name in before:
        body = body[name]
    if value is ...:
        del body[last]
    else:
        body[last] = value
