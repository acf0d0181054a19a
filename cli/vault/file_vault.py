"""The vault as an encrypted file, for machines that have no keyring."""

import json
import os
from pathlib import Path
from typing import Final, cast

from cli.vault import private_files
from cli.vault.key_sources import KeySources
from cli.vault.sealed_file import NONCE_BYTES, SALT_BYTES, Opener, derived_key, head_of, opened, sealed
from cli.vault.vault import VaultError, check_name, check_room, check_secret, without_notes
from domain.errors import SealBrokenError

_LIMIT_BYTES: Final = 16 * 1024 * 1024

_Secrets = dict[str, str]


class FileVault:
    """Keeps secrets in a file that a passphrase or a key file opens.

    It is read anew each time, so that nobody works with what another process has changed; a passphrase is
    asked for once.
    """

    def __init__(self, file: Path, sources: KeySources) -> None:
        self._file = file
        self._sources = sources
        self._keys: dict[tuple[Opener, bytes], bytes] = {}

    @property
    def place(self) -> str:
        """Where the secrets are, in words."""
        return f"the encrypted file {self._file}"

    @property
    def caution(self) -> str:
        """A sentence on who else can read them."""
        if self.opener is Opener.PASSPHRASE:
            return ""
        return (
            f"Its key is in {self._sources.key_file}: whoever reads both files reads the secrets."
            " 'fleet vault passphrase' gives it a passphrase instead."
        )

    @property
    def opener(self) -> Opener:
        """What opens the file, or will when it is made.

        Raises:
            VaultError: what is there is no vault.
        """
        content = self._content()
        return self._sources.for_a_new_file if content is None else self._head(content)[0]

    def get(self, name: str) -> str | None:
        """The secret of a name; None when there is none.

        Raises:
            VaultError: the file cannot be opened.
        """
        return self._read().get(name)

    def set(self, name: str, secret: str) -> None:
        """Keep a secret, in place of the one before.

        Raises:
            VaultError: the file cannot be opened or written, or this cannot be kept.
        """
        check_name(name)
        check_secret(secret)
        self._read()  # asks for the passphrase, if need be, while nobody waits for the lock
        with private_files.locked(self._file):
            secrets = self._read()
            if name not in secrets:
                check_room(secrets, name)
            self._write({**secrets, name: secret})

    def delete(self, name: str) -> bool:
        """Forget a secret; whether there was one.

        Raises:
            VaultError: the file cannot be opened or written.
        """
        if name not in self._read():
            return False
        with private_files.locked(self._file):
            secrets = self._read()
            if name not in secrets:
                return False
            self._write({other: secret for other, secret in secrets.items() if other != name})
            return True

    def names(self) -> list[str]:
        """The names of all secrets.

        Raises:
            VaultError: the file cannot be opened.
        """
        return without_notes(self._read())

    def reseal(self, passphrase: bytes | None) -> None:
        """Let something else open the file from now on; it is made when there is none.

        Args:
            passphrase: the new one; None: the key file.

        Raises:
            VaultError: the file cannot be opened or written.
        """
        self._read()
        with private_files.locked(self._file):
            secrets = self._read()
            opener = Opener.KEY_FILE if passphrase is None else Opener.PASSPHRASE
            self._seal(secrets, opener, self._sources.made_key() if passphrase is None else passphrase)

    def _content(self) -> bytes | None:
        private_files.check_folder(self._file)
        return private_files.read(self._file, _LIMIT_BYTES)

    def _head(self, content: bytes) -> tuple[Opener, bytes]:
        try:
            return head_of(content)
        except SealBrokenError:
            raise VaultError(
                f"{self._file} is no vault, or is damaged; put back a copy, or delete it."
            ) from None

    def _read(self) -> _Secrets:
        content = self._content()
        if content is None:
            return {}
        opener, salt = self._head(content)
        try:
            return cast("_Secrets", json.loads(opened(content, self._key(opener, salt))))
        except SealBrokenError:
            self._keys.clear()
            what = "This passphrase" if opener is Opener.PASSPHRASE else f"The key {self._sources.key_file}"
            raise VaultError(f"{what} does not open {self._file}, or the file was altered.") from None

    def _key(self, opener: Opener, salt: bytes) -> bytes:
        known = self._keys.get((opener, salt))
        if known is None:
            known = self._keys[opener, salt] = derived_key(opener, self._sources.secret(opener), salt)
        return known

    def _write(self, secrets: _Secrets) -> None:
        content = self._content()
        if content is None:
            opener = self._sources.for_a_new_file
            is_key = opener is Opener.KEY_FILE
            self._seal(secrets, opener, self._sources.made_key() if is_key else self._sources.secret(opener))
            return
        opener, salt = self._head(content)
        self._put(secrets, opener, salt)

    def _seal(self, secrets: _Secrets, opener: Opener, secret: bytes) -> None:
        salt = os.urandom(SALT_BYTES)
        self._keys[opener, salt] = derived_key(opener, secret, salt)
        self._put(secrets, opener, salt)

    def _put(self, secrets: _Secrets, opener: Opener, salt: bytes) -> None:
        plain = json.dumps(secrets, ensure_ascii=False).encode()
        key = self._key(opener, salt)
        # A random nonce: some thousand changes of one file are far from the 2^32 of NIST SP 800-38D, 8.3.
        private_files.write(self._file, sealed(plain, opener, salt, key, os.urandom(NONCE_BYTES)))
