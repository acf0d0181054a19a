"""The vault in a real Secret Service: GNOME Keyring on a session bus of its own."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.encrypted_vault import CANARY

NEEDED = ("dbus-run-session", "gnome-keyring-daemon")
FLEET = f"{shlex.quote(sys.executable)} -m cli"
UNLOCKED = "printf phrase | gnome-keyring-daemon --unlock --components=secrets"

Session = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.secret_service


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Runs shell commands in one session; without a Secret Service here REQUIRE_SECRET_SERVICE=1 fails."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing and os.environ.get("REQUIRE_SECRET_SERVICE") != "1":
        pytest.skip(f"The Secret Service needs what is not here: {missing}")
    assert not missing, f"REQUIRE_SECRET_SERVICE is set, and this is not here: {missing}"
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(runtime),
        "FLEET_STATE_DIR": str(tmp_path / "state"),
    }

    def run(*commands: str) -> subprocess.CompletedProcess[str]:
        # The daemon ends with the bus.
        script = f"set -e; ({commands[0]}) >/dev/null 2>&1; " + "; ".join(commands[1:])
        return subprocess.run(  # noqa: S603 - our own commands
            ["dbus-run-session", "--", "bash", "-c", script],  # noqa: S607 - wherever the system has it
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_secrets_are_kept_in_it_across_sessions(session: Session, tmp_path: Path) -> None:
    kept = session(
        UNLOCKED, f"printf {CANARY} | {FLEET} vault set github --stdin", f"{FLEET} vault list --json"
    )
    assert kept.returncode == 0, kept.stderr
    first, _, listed = kept.stdout.partition("\n")
    assert first == "github is kept in the Secret Service of this desktop."
    assert json.loads(listed) == {"vault": "the Secret Service of this desktop", "names": ["github"]}
    read = "import os; from cli.vault import open_vault; from config.settings import load;"
    read += "print(open_vault(load(os.environ)).get('github'))"
    again = session(UNLOCKED, f"{shlex.quote(sys.executable)} -c {shlex.quote(read)}")
    assert again.stdout == f"{CANARY}\n"
    gone = session(
        UNLOCKED,
        f"{FLEET} vault delete github --yes",
        f"{shlex.quote(sys.executable)} -c {shlex.quote(read)}",
    )
    assert gone.stdout == "github is out of the Secret Service of this desktop.\nNone\n"
    files = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert any(each.suffix == ".keyring" for each in files)
    assert not any(CANARY.encode() in each.read_bytes() for each in files)


def test_one_that_nobody_can_unlock_is_told_with_what_to_do(session: Session) -> None:
    session(UNLOCKED, f"printf {CANARY} | {FLEET} vault set github --stdin")
    locked = session(
        "gnome-keyring-daemon --start --components=secrets",
        f"printf {CANARY} | {FLEET} vault set github --stdin",
    )
    assert locked.returncode == 1
    assert "set FLEET_VAULT=file to keep secrets in an encrypted file" in locked.stderr
    assert "Traceback" not in locked.stderr
    assert CANARY not in locked.stdout + locked.stderr
