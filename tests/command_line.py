"""The command `fleet` in this process: what it prints, and how it exits."""

import io
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from json import loads
from typing import Any

import pytest
import structlog

from cli.main import main


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return loads(self.out)


Fleet = Callable[..., Done]


@contextmanager
def own_logging() -> Iterator[None]:
    """A command sets logging up for its process; what is left of that would write to a closed file."""
    root = logging.getLogger()
    handlers, level, structured = root.handlers[:], root.level, structlog.get_config()
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.configure(**structured)


def fleet_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environ: dict[str, str]
) -> Fleet:
    """Runs `fleet` with an environment of its own; standard input is a pipe with the bytes given."""
    for name in [name for name in os.environ if name.startswith("FLEET_")]:
        monkeypatch.delenv(name)
    # Where whoever runs the tests has logged in is no concern of theirs.
    monkeypatch.setenv("HOME", f"{environ['FLEET_STATE_DIR']}/home")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    def fleet(*arguments: str, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "argv", ["fleet", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code: object = 0
        with own_logging():
            try:
                main()
            except SystemExit as end:
                code = end.code or 0
        assert isinstance(code, int)
        return Done(code, *capsys.readouterr())

    return fleet
