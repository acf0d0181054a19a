"""Logins: the relays whose access tokens are in this machine's vault, and which one is meant unless said."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from cli.vault import VaultError, private_files
from cli.vault.opening import vault_file
from config.settings import Settings

MAX_RELAYS: Final = 100
LOGIN: Final = "login:"
"""What the name of an access token in the vault begins with."""
_LIMIT_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Logins:
    """Where the user of this machine has logged in.

    Attributes:
        relays: addresses of relays, the latest login last. It is the one that is meant unless said.
    """

    relays: tuple[str, ...] = ()

    @property
    def current(self) -> str | None:
        """The relay that is meant unless said."""
        return self.relays[-1] if self.relays else None


def read(settings: Settings) -> Logins:
    """The logins of this user; none where this user has no home.

    Raises:
        VaultError: the file with them is damaged, or others can write to it.
    """
    try:
        file = _file(settings)
    except VaultError:
        return Logins()
    if not os.access(file.parent, os.X_OK):
        return Logins()  # there is none, or it is somebody else's home
    private_files.check_folder(file)
    content = private_files.read(file, _LIMIT_BYTES)
    return Logins() if content is None else Logins(_parsed(file, content))


def remember(settings: Settings, url: str) -> None:
    """Note a login; from now on its relay is meant unless said.

    Raises:
        VaultError: there are too many, or the file with them cannot be read or written.
    """
    file = _file(settings)
    with private_files.locked(file):
        others = [each for each in read(settings).relays if each != url]
        if len(others) >= MAX_RELAYS:
            raise VaultError(f"There are {MAX_RELAYS} logins already; 'fleet logout URL' ends one.")
        _keep(file, (*others, url))


def forget(settings: Settings, url: str) -> None:
    """Forget a login.

    Raises:
        VaultError: the file with them cannot be read or written.
    """
    file = _file(settings)
    with private_files.locked(file):
        _keep(file, tuple(each for each in read(settings).relays if each != url))


def token_name(url: str) -> str:
    """The name of a relay's access token in the vault. No webhook can have it."""
    return f"{LOGIN}{url}"


def _file(settings: Settings) -> Path:
    vault = vault_file(settings)
    return vault.with_name(f"{vault.name}.login")


def _keep(file: Path, relays: tuple[str, ...]) -> None:
    private_files.write(file, json.dumps({"relays": relays}, indent=1).encode())


def _parsed(file: Path, content: bytes) -> tuple[str, ...]:
    try:
        found: object = json.loads(content)
    except ValueError:
        found = None
    relays = cast("Mapping[str, Any]", found).get("relays") if isinstance(found, dict) else None
    if not isinstance(relays, list):
        raise VaultError(f"{file}, which names your logins, is damaged; delete it and log in again.")
    return tuple(map(str, cast("list[object]", relays)))
