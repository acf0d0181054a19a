"""Which keyring this machine has, if any."""

from typing import Final

from keyring import backend, core
from keyring.backend import KeyringBackend

from cli.vault.patience import PATIENCE_S, patiently
from cli.vault.vault import VaultError

_DESKTOP: Final = "the Secret Service of this desktop"

_TITLES: Final = {
    "keyring.backends.macOS": "the macOS Keychain",
    "keyring.backends.SecretService": _DESKTOP,
    "keyring.backends.libsecret": _DESKTOP,
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.Windows": "the Windows Credential Locker",
}
"""The keyrings of operating systems by their modules: encrypted, and opened by the login of their owner."""

_NONE: Final = frozenset({"keyring.backends.fail", "keyring.backends.null"})


def title(ring: KeyringBackend) -> str:
    """What people call a keyring."""
    return _TITLES.get(type(ring).__module__) or f"the keyring {type(ring).__module__}.{type(ring).__name__}"


def of_the_system(patience_s: float = PATIENCE_S) -> KeyringBackend | None:
    """The keyring of the operating system; None when there is none, or its owner has chosen another one.

    What else is installed is not taken unasked: some keyrings keep secrets in the clear.

    Raises:
        VaultError: the system did not say whether it has one.
    """
    ring = patiently(_found, patience_s)
    return ring if type(ring).__module__ in _TITLES else None


def of_the_owner(patience_s: float = PATIENCE_S) -> KeyringBackend | None:
    """The keyring that its owner has set up for `keyring`, whatever it is, or that of the operating system.

    Raises:
        VaultError: the system did not say whether it has one.
    """
    ring = patiently(_found, patience_s)
    return None if type(ring).__module__ in _NONE else ring


def _found() -> KeyringBackend | None:
    try:
        chosen = core.load_env() or core.load_config()
    except Exception as error:  # noqa: BLE001 - it imports what the environment or a file names
        raise VaultError(
            f"The keyring that PYTHON_KEYRING_BACKEND or keyringrc.cfg names cannot be used"
            f" ({type(error).__name__})."
        ) from None
    if chosen is not None:
        return chosen
    # Not `get_keyring`: of two it makes a chain, which deletes from the first and reads from the second.
    found = [ring for ring in backend.get_all_keyring() if type(ring).__module__ in _TITLES]
    return max(found, key=_priority, default=None)


def _priority(ring: KeyringBackend) -> float:
    return float(ring.priority)
