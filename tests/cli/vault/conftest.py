"""The command line with a vault of its own: an encrypted file in the folder of the test."""

from pathlib import Path

import pytest

from tests.command_line import Fleet, fleet_command


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "FLEET_STATE_DIR": str(tmp_path),
        "FLEET_VAULT": "file",
        "FLEET_VAULT_FILE": str(tmp_path / "own" / "vault"),
    }


@pytest.fixture
def fleet(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Fleet:
    return fleet_command(monkeypatch, capsys, environ)
