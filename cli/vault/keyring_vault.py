"""The vault in the system's keyring, through the library `keyring`."""

from collections.abc import Callable
from typing import Final, TypeVar, cast

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from cli.vault import private_files
from cli.vault.known_names import KnownNames
from cli.vault.patience import PATIENCE_S, patiently
from cli.vault.vault import VaultError, check_name, check_room, check_secret, without_notes

_USER: Final = "fleet"
_INSTEAD: Final = "or set FLEET_VAULT=file to keep secrets in an encrypted file"

_Answer = TypeVar("_Answer")


class KeyringVault:
    """Keeps each secret as an entry of its own in a keyring."""

    def __init__(
        self, ring: KeyringBackend, place: str, names: KnownNames, patience_s: float = PATIENCE_S
    ) -> None:
        """A vault.

        Args:
            ring: the keyring.
            place: what people call it.
            names: where the names of its secrets stand.
            patience_s: how long it has for an answer, in seconds.
        """
        self._ring = ring
        self._place = place
        self._title = place[0].upper() + place[1:]
        self._names = names
        self._patience_s = patience_s

    @property
    def place(self) -> str:
        """Where the secrets are, in words."""
        return self._place

    @property
    def caution(self) -> str:
        """Nothing has to be said."""
        return ""

    def get(self, name: str) -> str | None:
        """The secret of a name; None when there is none.

        Raises:
            VaultError: the keyring is locked or did not answer.
        """
        return self._ask(lambda: self._ring.get_password(service(name), _USER))

    def set(self, name: str, secret: str) -> None:
        """Keep a secret, in place of the one before.

        Raises:
            VaultError: the keyring is locked, did not answer, or did not keep it; or this cannot be kept.
        """
        check_name(name)
        check_secret(secret)
        with private_files.locked(self._names.file):
            known = self._names.read()
            if name in known:
                self._put(name, secret)
                return
            check_room(known, name)
            # Listed first: who is killed in between leaves a name too many, never a secret that nobody sees.
            self._names.add(name)
            try:
                self._put(name, secret)
            except VaultError:
                self._names.remove(name)
                raise

    def delete(self, name: str) -> bool:
        """Forget a secret; whether there was one.

        Raises:
            VaultError: the keyring is locked or did not answer.
        """
        with private_files.locked(self._names.file):
            is_there = self.get(name) is not None
            if is_there:
                self._ask(lambda: self._ring.delete_password(service(name), _USER))
            self._names.remove(name)
            return is_there

    def names(self) -> list[str]:
        """The names of all secrets that were kept here.

        Raises:
            VaultError: the file that lists them is damaged or not private.
        """
        return without_notes(self._names.read())

    def _put(self, name: str, secret: str) -> None:
        keep = cast("Callable[[str, str, str], None]", self._ring.set_password)  # wrapped, without its types
        self._ask(lambda: keep(service(name), _USER, secret))
        # Some cut what is too long for them, and some keep nothing at all.
        if self.get(name) != secret:
            raise VaultError(f"{self._title} did not keep this secret whole; set FLEET_VAULT=file.")

    def _ask(self, call: Callable[[], _Answer]) -> _Answer:
        try:
            return patiently(call, self._patience_s)
        except VaultError:
            raise
        except KeyringLocked:
            raise VaultError(f"{self._title} is locked; unlock it, {_INSTEAD}.") from None
        except Exception as error:  # noqa: BLE001 - each has errors of its own, with any text
            raise VaultError(
                f"{self._title} did not do this ({type(error).__name__}); see whether it is unlocked,"
                f" {_INSTEAD}."
            ) from None


def service(name: str) -> str:
    """What the entry of a secret is called in the keyring; each has its own.

    Windows knows entries by this name alone: a second one of the same would move the first.
    """
    return f"fleet-gateway/{name}"
