"""Hints name the program as it was called, so that they work when they are pasted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.called import NAME, called, reworded
from config.settings import load
from tests.command_line import Fleet
from tests.documents import ROOT


def test_the_script_says_itself_how_it_was_called() -> None:
    assert called("/x/cli/__main__.py", ["python"], {"FLEET_CALLED_AS": "./fleet"}) == "./fleet"


def test_a_module_is_called_by_the_python_that_was_typed() -> None:
    original = [".venv/bin/python", "-m", "cli"]
    assert called("/x/cli/__main__.py", original, {}) == ".venv/bin/python -m cli"


def test_an_installed_program_has_its_name_where_the_shell_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin of mine" / "fleet"
    program.parent.mkdir()
    program.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert called(str(program), [], {}) == f"'{program}'"
    monkeypatch.setenv("PATH", str(program.parent))
    assert called(str(program), [], {}) == NAME


def test_only_hints_are_reworded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_CALLED_AS", "./fleet")
    assert reworded("See 'fleet events list' of the fleet.") == "See './fleet events list' of the fleet."
    assert reworded("'fleet' and 'fleeting '") == "'fleet' and 'fleeting '"


def test_sentences_errors_and_examples_are_worded_alike(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEET_CALLED_AS", "./fleet")
    assert "'./fleet webhooks create NAME" in fleet("webhooks", "list").out
    shown = fleet("webhooks", "create", "--help").out
    assert "Usage: ./fleet webhooks create" in shown
    assert "$ ./fleet webhooks create github" in shown
    # A box of a terminal, which breaks lines where it likes.
    assert "'./fleet apply'" in " ".join(shown.replace("\u2502", " ").split())
    monkeypatch.setenv("FLEET_API_URL", "http://127.0.0.1:1")
    assert "start it with './fleet up'" in fleet("webhooks", "list").err


def test_it_is_no_setting() -> None:
    assert load({"FLEET_CALLED_AS": "./fleet"}) == load({})


def test_a_service_that_is_started_as_a_module_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli", "events", "list"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "FLEET_STATE_DIR": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"'{sys.executable} -m cli gateways create NAME'" in done.stderr.decode()
