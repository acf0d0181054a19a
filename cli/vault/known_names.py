"""The names in a keyring: no keyring can list them, so that they stand in a file, without the secrets."""

import json
from pathlib import Path
from typing import Final, cast

from cli.vault import private_files
from cli.vault.vault import VaultError

_LIMIT_BYTES: Final = 1024 * 1024


class KnownNames:
    """The file with the names. Only whoever has the lock changes it."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self) -> set[str]:
        """The names.

        Raises:
            VaultError: the file cannot be read, or is not ours.
        """
        private_files.check_folder(self.file)
        content = private_files.read(self.file, _LIMIT_BYTES)
        if content is None:
            return set()
        try:
            found: object = json.loads(content)
        except ValueError:
            found = None
        if not isinstance(found, list):
            raise VaultError(
                f"{self.file}, which lists the names in the keyring, is damaged. Delete it: the secrets stay,"
                " and 'fleet vault set NAME' lists one again."
            )
        return set(map(str, cast("list[object]", found)))

    def add(self, name: str) -> None:
        """Note a name.

        Raises:
            VaultError: the file cannot be read or written.
        """
        self._keep(self.read() | {name})

    def remove(self, name: str) -> None:
        """Forget a name.

        Raises:
            VaultError: the file cannot be read or written.
        """
        known = self.read()
        if name in known:
            self._keep(known - {name})

    def _keep(self, names: set[str]) -> None:
        private_files.write(self.file, json.dumps(sorted(names), indent=0).encode())
