"""Pulling: a secret that the gateway holds comes into the vault. The gateway hands it out once."""

import os
from typing import Final

from cli.api_errors import ApiError, RefusedError
from cli.client import ControlApi
from cli.vault.vault import Vault

MARK: Final = "pull:"
"""What the name of the mark begins with that a pull leaves in the vault until it has ended."""
_KEY_BYTES: Final = 16
_UNDER_WAY: Final = "still_under_way"


def pull_secret(api: ControlApi, vault: Vault, webhook: str, name: str) -> str:
    """Bring the secret that the gateway holds for a webhook into the vault; the id of the secret.

    It is handed out once, so that it is asked for under an idempotency key, which is in the vault before:
    whoever is cut off in between is given the same answer by pulling again, within 24 hours. And a vault that
    cannot be written to shows before anything was handed out.

    Args:
        api: the control API of the gateway.
        vault: where it is kept.
        webhook: name or id of the webhook.
        name: what to call it in the vault. Never what the gateway says: it could replace another one.

    Raises:
        ApiError: the relay was not reached, or nothing is held there.
        VaultError: the vault cannot be written to.
    """
    mark = f"{MARK}{webhook}@{api.url}"
    key = vault.get(mark)
    # If something is held, an answer that was given under an old key is older than that.
    if key is None or api.ask("GET", "webhooks", webhook)["held"]:
        key = os.urandom(_KEY_BYTES).hex()
        vault.set(mark, key)
    try:
        answer = api.ask("POST", "webhooks", webhook, "pull", once=key)
    except RefusedError as error:
        if error.code != _UNDER_WAY:
            vault.delete(mark)
        raise
    secret, found = answer["secret"], answer["id"]
    if not (isinstance(secret, str) and secret and isinstance(found, str)):
        raise ApiError("The relay gave an answer that holds no secret; nothing in the vault was replaced.")
    vault.set(name, secret)
    vault.delete(mark)
    return found
