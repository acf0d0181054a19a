"""The vault: where this machine keeps secrets and access tokens, in its keyring or an encrypted file."""

from cli.vault.opening import open_vault
from cli.vault.vault import Vault, VaultError

__all__ = ["Vault", "VaultError", "open_vault"]
