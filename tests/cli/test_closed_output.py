"""Whoever reads the output may go, as `head` does: the command ends without a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.exits import Exit
from tests.documents import ROOT


@pytest.fixture
def environ(address: str, home: tuple[str, str], tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "FLEET_API_URL": f"http://{address}",
        "FLEET_TOKEN": home[1],
        "FLEET_STATE_DIR": str(tmp_path),
    }


def unread(environ: dict[str, str], *arguments: str) -> tuple[int, bytes]:
    """Exit code and standard error of a command whose output nobody reads from the start."""
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "cli", *arguments],
            cwd=ROOT,
            env=environ,
            stdout=theirs,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(theirs)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("events", "list"), ("events", "list", "--json"), ("senders", "list"), ("webhooks", "list", "--json")],
    ids=" ".join,
)
def test_a_command_ends_silently(environ: dict[str, str], arguments: tuple[str, ...]) -> None:
    assert unread(environ, *arguments) == (Exit.READER_GONE, b"")


def test_help_ends_silently(environ: dict[str, str]) -> None:
    assert unread(environ, "--help")[1] == b""


def test_a_mistake_is_still_told(environ: dict[str, str]) -> None:
    code, said = unread(environ, "events", "show", "evt_nothing")
    assert code == Exit.FAILED
    assert said.count(b"\n") == 1
