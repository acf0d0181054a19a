"""Programs that cannot be started are warned of at the start: before any event, and all else goes on."""

from pathlib import Path

import pytest

from cli.targets.startable import warnings
from cli.targets.wish import HttpWish, ProgramWish, Wish
from relay.connector.targets.command import Command


def warned(program: str, directory: Path, path: str = "/bin") -> str:
    wish = Wish("ci", ProgramWish(Command((program, "--fast"), directory, {"PATH": path})))
    return " ".join(warnings([Wish("app", HttpWish("http://127.0.0.1:3000")), wish]))


def test_what_can_be_started_is_not_mentioned(tmp_path: Path) -> None:
    script = tmp_path / "here.sh"
    script.touch(0o700)
    for program in ("sh", "/bin/sh", "./here.sh", str(script)):
        assert warned(program, tmp_path) == ""
    assert warned("here.sh", tmp_path, f"/bin:{tmp_path}") == ""


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("./nothere.sh", "there is no file"),
        ("./plain.sh", "may not be executed ('chmod +x"),
        ("./folder", "there is no file"),
        ("nothere", "nothing of that name is in PATH (/bin)"),
        ("plain.sh", "nothing of that name is in PATH (/bin)"),
    ],
)
def test_what_cannot_says_why(tmp_path: Path, program: str, why: str) -> None:
    (tmp_path / "plain.sh").touch(0o600)
    (tmp_path / "folder").mkdir()
    told = warned(program, tmp_path)
    assert told.startswith(f"WARNING: target ci: {program} cannot be started: ")
    assert why in told


def test_so_does_a_folder_that_is_missing(tmp_path: Path) -> None:
    assert f"there is no folder {tmp_path}/gone." in warned("sh", tmp_path / "gone")
