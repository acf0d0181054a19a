"""An encrypted file as a vault, in a folder of a test."""

import stat
from collections.abc import Callable
from pathlib import Path

from cli.vault.file_vault import FileVault
from cli.vault.key_sources import Ask, KeySources

CANARY = "whsec_canary_5fd1c0de"
PHRASE = "correct horse battery"


def nobody() -> None:
    """No terminal."""


def encrypted(folder: Path, *, ask: Ask = nobody, passphrase_file: Path | None = None) -> FileVault:
    file = folder / "own" / "vault"
    return FileVault(file, KeySources(file.with_name("vault.key"), passphrase_file, ask))


def private(file: Path, content: str) -> Path:
    file.write_text(content)
    file.chmod(0o600)
    return file


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def asked(answers: list[str]) -> Callable[[], str]:
    """A terminal at which somebody types these, one after the other."""
    return lambda: answers.pop(0)
