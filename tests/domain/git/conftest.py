"""Payloads as files: what a provider sends, with its headers. Each names the page it was built after."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.event import Request

PAYLOADS = Path(__file__).parent / "payloads"


@pytest.fixture
def document() -> Callable[[str], dict[str, Any]]:
    """A file, by its name without .json: `headers` and `body`."""
    return lambda name: json.loads((PAYLOADS / f"{name}.json").read_text())


@pytest.fixture
def request_of(document: Callable[[str], dict[str, Any]]) -> Callable[[str], Request]:
    """The request that a file describes."""

    def made(name: str) -> Request:
        found = document(name)
        headers = tuple((key.lower().encode(), value.encode()) for key, value in found["headers"].items())
        return Request("POST", b"", b"", headers, json.dumps(found["body"]).encode())

    return made
