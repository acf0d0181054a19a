"""`fleet settings` tells mistakes, and what is set, and no secret."""

import json
from pathlib import Path

import pytest

from tests.command_line import fleet_command


def test_what_is_set_is_shown_and_secrets_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {
        "FLEET_STATE_DIR": str(tmp_path),
        "FLEET_TOKEN": "fleet_canary",
        "FLEET_RETRY_SCHEDULE_S": "1,2",
        "FLEET_REDIS_URL": "redis://:canary@localhost",
    }
    fleet = fleet_command(monkeypatch, capsys, environ)
    told = fleet("settings", "--json")
    assert json.loads(told.out) == {
        "FLEET_STATE_DIR": str(tmp_path),
        "FLEET_TOKEN": "set (it is not shown)",
        "FLEET_REDIS_URL": "set (it is not shown)",
        "FLEET_RETRY_SCHEDULE_S": "1.0,2.0",
    }
    assert "canary" not in fleet("settings").out


def test_a_mistake_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"FLEET_STATE_DIR": str(tmp_path), "FLEET_RETENTION_HOURS": "soon"}
    done = fleet_command(monkeypatch, capsys, environ)("settings")
    assert done.code == 1
    assert done.err == "FLEET_RETENTION_HOURS is soon; it must be a whole number.\n"
