"""Opening the vault of this machine: which one it is, by the settings and by what is there already."""

import sys
from contextvars import ContextVar
from pathlib import Path
from typing import Final

import typer
from keyring.backend import KeyringBackend

from cli.vault import system_keyring
from cli.vault.file_vault import FileVault
from cli.vault.key_sources import KeySources
from cli.vault.keyring_vault import KeyringVault
from cli.vault.known_names import KnownNames
from cli.vault.vault import Vault, VaultError
from config.settings import Settings

MAY_ASK: Final = ContextVar("may_ask", default=True)
"""Whether a person may be asked for something: not where the terminal is somebody else's."""

_DEFAULT_FILE: Final = Path("~/.config/fleet/vault")


def open_vault(settings: Settings) -> Vault:
    """The vault of this machine. Nothing is asked for and nothing is made before it is used.

    Left to itself it stays where secrets are already: in a keyring that has some, else in a file that is
    there, else in the keyring of the system; only a machine that has none begins a file.

    Raises:
        VaultError: there is no keyring, but there has to be one. The text says what to do.
    """
    file = vault_file(settings)
    match settings.vault:
        case "file":
            return file_vault(settings)
        case "keyring":
            ring = system_keyring.of_the_owner()
            if ring is None:
                raise VaultError(
                    "There is no keyring here, as on most machines without a desktop, but FLEET_VAULT is"
                    " keyring; set it to file to keep secrets in an encrypted file."
                )
            return _keyring_vault(ring, file)
        case "auto":
            return _wherever_secrets_are(settings, file)


def vault_file(settings: Settings) -> Path:
    """Where the encrypted file is; what else the vault keeps in files stands beside it.

    Raises:
        VaultError: nobody has a home here.
    """
    if settings.vault_file is not None:
        return settings.vault_file
    try:
        return _DEFAULT_FILE.expanduser()
    except RuntimeError:
        raise VaultError("This user has no home; name a file for the vault in FLEET_VAULT_FILE.") from None


def file_vault(settings: Settings) -> FileVault:
    """The vault as an encrypted file, whatever else there is.

    Raises:
        VaultError: nobody has a home here.
    """
    file = vault_file(settings)
    key_file = settings.vault_key_file or file.with_name(f"{file.name}.key")
    return FileVault(file, KeySources(key_file, settings.vault_passphrase_file, lambda: _asked(file)))


def _wherever_secrets_are(settings: Settings, file: Path) -> Vault:
    has_names = bool(_names(file).read())
    has_file = file.exists()
    if has_file and not has_names:
        return file_vault(settings)
    ring = system_keyring.of_the_system()
    if ring is not None:
        return _keyring_vault(ring, file)
    if has_names and not has_file:
        raise VaultError(
            "Your secrets are in a keyring that cannot be reached from here, as over ssh; use it where it"
            " can be."
            " To keep secrets of this place apart from those, in an encrypted file, set FLEET_VAULT=file."
        )
    return file_vault(settings)


def _keyring_vault(ring: KeyringBackend, file: Path) -> KeyringVault:
    return KeyringVault(ring, system_keyring.title(ring), _names(file))


def _names(file: Path) -> KnownNames:
    return KnownNames(file.with_name(f"{file.name}.names"))


def _asked(file: Path) -> str | None:
    """The passphrase, from whoever sits at the terminal of this process; standard input may hold a secret."""
    if not MAY_ASK.get() or not (sys.stdin.isatty() or sys.stderr.isatty()):
        return None
    typed: str = typer.prompt(f"Passphrase of {file}", hide_input=True, err=True)
    return typed
