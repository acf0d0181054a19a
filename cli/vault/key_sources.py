"""Where the key of the encrypted file comes from: a key file, or a passphrase from a terminal or a file."""

import os
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cli.vault import private_files
from cli.vault.sealed_file import Opener
from cli.vault.vault import VaultError

_KEY_BYTES: Final = 32
_KEY_FILE_LIMIT: Final = 1024
MAX_PASSPHRASE_BYTES: Final = 1024
MIN_PASSPHRASE_CHARS: Final = 8

Ask = Callable[[], str | None]
"""Asks whoever sits at the terminal for the passphrase; None when nobody does."""


@dataclass(frozen=True, slots=True)
class KeySources:
    """What this machine has to open its encrypted file with.

    Attributes:
        key_file: where the key is, or will be.
        passphrase_file: where the passphrase is; None: it is asked for.
        ask: asks for it.
    """

    key_file: Path
    passphrase_file: Path | None
    ask: Ask

    @property
    def for_a_new_file(self) -> Opener:
        """What shall open a file that is yet to be made."""
        return Opener.KEY_FILE if self.passphrase_file is None else Opener.PASSPHRASE

    def secret(self, opener: Opener) -> bytes:
        """What the key of a file that is there is derived from.

        Raises:
            VaultError: it is not here, or not private.
        """
        if opener is Opener.PASSPHRASE:
            return self._passphrase()
        if self.passphrase_file is not None:
            raise VaultError(
                "FLEET_VAULT_PASSPHRASE_FILE is set, but a key file opens this vault, no passphrase."
                " 'fleet vault passphrase' without that setting gives it one."
            )
        return self.kept_key()

    def kept_key(self) -> bytes:
        """The key in the key file.

        Raises:
            VaultError: there is none, or none that others cannot read.
        """
        content = private_files.read(self.key_file, _KEY_FILE_LIMIT, may_be_link=True)
        if content is None:
            raise VaultError(
                f"The vault's key {self.key_file} is gone; put it back, or set FLEET_VAULT_KEY_FILE to where"
                " it is. Without it nobody can open the vault: to begin anew, delete the vault's file."
            )
        return _decoded(self.key_file, content)

    def made_key(self) -> bytes:
        """The key in the key file, made when there is none. Only whoever has the lock may do this.

        Raises:
            VaultError: it cannot be written, or what is there is no key.
        """
        if private_files.read(self.key_file, _KEY_FILE_LIMIT, may_be_link=True) is None:
            private_files.write(self.key_file, b64encode(os.urandom(_KEY_BYTES)) + b"\n")
        return self.kept_key()

    def _passphrase(self) -> bytes:
        if self.passphrase_file is None:
            typed = self.ask()
            if typed is None:
                raise VaultError(
                    "The vault has a passphrase, and there is no terminal to ask for it;"
                    " set FLEET_VAULT_PASSPHRASE_FILE to a private file that holds it."
                )
            return as_bytes(typed)
        content = private_files.read(self.passphrase_file, MAX_PASSPHRASE_BYTES + 2, may_be_link=True)
        if content is None:
            raise VaultError(
                f"There is no file {self.passphrase_file}, which FLEET_VAULT_PASSPHRASE_FILE names."
            )
        try:
            return as_bytes(content.decode().removesuffix("\n").removesuffix("\r"))
        except UnicodeDecodeError:
            raise VaultError(f"What {self.passphrase_file} holds is no UTF-8 text.") from None


def as_bytes(passphrase: str) -> bytes:
    """A passphrase as it goes into the derivation: however a keyboard composes its letters.

    Raises:
        VaultError: it is empty or too long.
    """
    raw = unicodedata.normalize("NFC", passphrase).encode(errors="surrogateescape")
    if not 0 < len(raw) <= MAX_PASSPHRASE_BYTES:
        raise VaultError(f"A passphrase has 1 to {MAX_PASSPHRASE_BYTES} bytes.")
    return raw


def _decoded(file: Path, content: bytes) -> bytes:
    try:
        key = b64decode(content.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise VaultError(f"{file} does not hold the key of a vault ({_KEY_BYTES} bytes in base64).")
    return key
