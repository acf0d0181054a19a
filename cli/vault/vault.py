"""What a vault is, whatever is behind it, and what may be kept in it."""

from collections.abc import Collection, Iterable
from typing import Final, Protocol

from domain.errors import FleetError
from domain.secret import MAX_SECRET_BYTES

MAX_NAME_CHARS: Final = 300
MAX_SECRETS: Final = 500
"""So many secrets a vault keeps: a person's, not a company's."""
NOTE: Final = "pulled:"
"""What the names of notes begin with. They stand in the vault about a secret, and are listed nowhere."""


class VaultError(FleetError):
    """The vault cannot be used, or not so. The text says what to do, and never holds a secret."""


class Vault(Protocol):
    """Keeps secrets by name, on this machine.

    All methods raise VaultError when what is behind it does not answer, is locked, damaged or not private.
    """

    @property
    def place(self) -> str:
        """Where it keeps them, in words such as "the macOS Keychain"."""
        ...

    @property
    def caution(self) -> str:
        """A sentence on who else can read what is in it; "" when nothing has to be said."""
        ...

    def get(self, name: str) -> str | None:
        """The secret of a name; None when there is none."""
        ...

    def set(self, name: str, secret: str) -> None:
        """Keep a secret, in place of the one before. It is kept when this returns."""
        ...

    def delete(self, name: str) -> bool:
        """Forget a secret; whether there was one."""
        ...

    def names(self) -> list[str]:
        """The names of all secrets, sorted; notes about them are none."""
        ...


def check_name(name: str) -> None:
    """A name that can be kept.

    Raises:
        VaultError: it is empty, too long, or cannot be shown.
    """
    if not 0 < len(name) <= MAX_NAME_CHARS or not name.isprintable():
        raise VaultError(f"A name in the vault has 1 to {MAX_NAME_CHARS} printable characters.")


def check_secret(secret: str) -> None:
    """A secret that can be kept.

    Raises:
        VaultError: it is empty, too long or no text.
    """
    try:
        size = len(secret.encode())
    except UnicodeEncodeError:
        raise VaultError("A secret in the vault is text in UTF-8; this one is not.") from None
    if not 0 < size <= MAX_SECRET_BYTES:
        raise VaultError(f"A secret in the vault has 1 to {MAX_SECRET_BYTES} bytes.")


def without_notes(names: Iterable[str]) -> list[str]:
    """The names of secrets among those of all that a vault keeps, sorted."""
    return sorted(name for name in names if not name.startswith(NOTE))


def check_room(known: Collection[str], name: str) -> None:
    """Whether a vault takes one more. Notes have room always: each is about a secret that takes it.

    Args:
        known: all names that it keeps.
        name: what is to be kept besides.

    Raises:
        VaultError: it is full.
    """
    if not name.startswith(NOTE) and len(without_notes(known)) >= MAX_SECRETS:
        raise VaultError(
            f"The vault has {MAX_SECRETS} secrets, as many as it may; forget one with"
            " 'fleet vault delete NAME'."
        )
