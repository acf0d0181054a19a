"""The encrypted file among real processes: two that write at once, one that is killed, one without room."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.vault import VaultError, private_files
from tests.encrypted_vault import CANARY, encrypted

ENDLESS = 10_000_000
# Arguments: file, what names begin with, how many, bytes that a file may have (0: any number).
WRITER = """
import resource, sys
from pathlib import Path
from cli.vault.file_vault import FileVault
from cli.vault.key_sources import KeySources
file, prefix, count, room = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
vault = FileVault(file, KeySources(file.with_name("vault.key"), None, lambda: None))
if room:
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
for number in range(count):
    vault.set(f"{prefix}{number % 40}", f"{number} " * 50)
"""


def writer(folder: Path, prefix: str, count: int, room: int = 0) -> subprocess.Popen[bytes]:
    words = [str(folder / "own" / "vault"), prefix, str(count), str(room)]
    return subprocess.Popen([sys.executable, "-c", WRITER, *words], stderr=subprocess.PIPE)  # noqa: S603


def test_two_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    running = [writer(tmp_path, prefix, 20) for prefix in ("a", "b", "c")]
    assert [each.communicate(timeout=60)[1] for each in running] == [b"", b"", b""]
    assert [each.returncode for each in running] == [0, 0, 0]
    names = {f"{prefix}{number}" for prefix in "abc" for number in range(20)}
    assert set(encrypted(tmp_path).names()) == names


def test_one_that_is_killed_leaves_all_that_it_had_kept(tmp_path: Path) -> None:
    vault, file = encrypted(tmp_path), tmp_path / "own" / "vault"
    vault.set("github", CANARY)
    for _ in range(3):
        running = writer(tmp_path, "k", ENDLESS)
        assert running.stderr is not None
        seen = file.stat().st_mtime_ns
        # Killed wherever it is after it was seen to write.
        while running.poll() is None and file.stat().st_mtime_ns == seen:
            time.sleep(0.001)
        running.send_signal(signal.SIGKILL)
        running.wait(10)
        running.stderr.close()
        assert running.returncode == -signal.SIGKILL
        kept = encrypted(tmp_path)
        assert kept.get("github") == CANARY
        assert "k0" in kept.names()
        kept.set("after", "x")  # its lock went with it
    assert kept.delete("after")
    assert not (tmp_path / "own" / ".vault.new").exists()


def test_without_room_the_old_one_stays_whole(tmp_path: Path) -> None:
    vault, file = encrypted(tmp_path), tmp_path / "own" / "vault"
    vault.set("github", CANARY)
    before = file.read_bytes()
    running = writer(tmp_path, "full", 40, room=len(before) + 50)
    _, told = running.communicate(timeout=60)
    assert running.returncode == 1
    assert (
        f"VaultError: {file} cannot be written (File too large); nothing in it was changed." in told.decode()
    )
    assert CANARY.encode() not in told
    assert file.read_bytes() == before
    assert not (tmp_path / "own" / ".vault.new").exists()


def test_whoever_changes_it_is_waited_for_but_not_for_ever(tmp_path: Path) -> None:
    vault, file = encrypted(tmp_path), tmp_path / "own" / "vault"
    vault.set("github", CANARY)
    with private_files.locked(file):
        assert vault.get("github") == CANARY  # reading waits for nobody
        with (
            pytest.raises(VaultError, match=r"Another process is changing .*; try again"),
            private_files.locked(file, patience_s=0.05),
        ):
            pass
    vault.set("pay", "x")


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("")
    with pytest.raises(VaultError, match="cannot be"):
        encrypted(tmp_path).set("github", CANARY)
