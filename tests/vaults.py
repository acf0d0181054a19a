"""Vaults for tests: secrets by their values, sealed as the API seals them, and opened again."""

from collections.abc import Sequence

from domain.secret import SigningSecret, live
from domain.vault import Vault
from store.sealing import Sealer
from store.webhooks import StoredWebhook, open_vault, seal_vault


def vault_with(secrets: Sequence[bytes], now_ms: int = 0) -> Vault:
    """All of them live; the first one is current."""
    far = now_ms + 10**12
    return Vault(
        tuple(
            SigningSecret(f"sec_{number}", value, now_ms, far if number else None)
            for number, value in enumerate(secrets)
        )
    )


def sealed_secrets(
    sealer: Sealer, gateway: str, webhook: str, secrets: Sequence[bytes], now_ms: int
) -> bytes:
    return seal_vault(sealer, gateway, webhook, vault_with(secrets, now_ms), now_ms)


def secrets_in(sealer: Sealer, stored: StoredWebhook, at_ms: int = 2**60) -> tuple[bytes, ...]:
    """The values of the secrets that are live at a time, at first the one that stays."""
    return tuple(each.value for each in live(open_vault(sealer, stored).secrets, at_ms))
