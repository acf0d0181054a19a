"""Pulling: a secret that the gateway holds comes into the vault. The gateway hands it out once.

What a pull brought is noted in the vault, so that the next one for the same webhook may replace it, as after
a rotation. Whatever else stands under that name is the owner's, who decides.
"""

import os
from hashlib import sha256
from typing import Final

from cli.api_errors import ApiError, RefusedError
from cli.client import ControlApi
from cli.vault.vault import NOTE, Vault, VaultError
from domain.ids import is_id

MARK: Final = "pull:"
"""What the name of the mark begins with that a pull leaves in the vault until it has ended."""
_KEY_BYTES: Final = 16
_UNDER_WAY: Final = "still_under_way"


class NameTakenError(VaultError):
    """Another secret stands under that name, which no pull for this webhook brought. It was left there."""

    def __init__(self, vault: Vault, webhook: str, name: str) -> None:
        place = f"{vault.place[0].upper()}{vault.place[1:]}"
        super().__init__(
            f"{place} has another secret named {name}, which was left as it is:"
            f" 'fleet vault pull {webhook} --as OTHER' keeps this one beside it."
        )


def pull_secret(api: ControlApi, vault: Vault, webhook: str, name: str, *, may_replace: bool = False) -> str:
    """Bring the secret that the gateway holds for a webhook into the vault; the id of the secret.

    It is handed out once, so that it is asked for under an idempotency key, which is in the vault before:
    whoever is cut off in between is given the same answer by pulling again, within 24 hours. And a vault that
    cannot be written to shows before anything was handed out.

    Args:
        api: the control API of the gateway.
        vault: where it is kept.
        webhook: name or id of the webhook.
        name: what to call it in the vault. Never what the gateway says: it could replace another one.
        may_replace: the owner has said that whatever stands under that name may go.

    Raises:
        NameTakenError: something else stands under that name. The secret still waits, or is given again.
        ApiError: the relay was not reached, or nothing is held there.
        VaultError: the vault cannot be written to.
    """
    if not may_replace:
        _check_free(api, vault, webhook, name)
    mark = f"{MARK}{webhook}@{api.url}"
    key = vault.get(mark)
    # If something is held, an answer that was given under an old key is older than that.
    if key is None or api.ask("GET", "webhooks", webhook)["held"]:
        key = os.urandom(_KEY_BYTES).hex()
        vault.set(mark, key)
    try:
        source = _source(api, webhook)
        answer = api.ask("POST", "webhooks", webhook, "pull", once=key)
    except RefusedError as error:
        if error.code != _UNDER_WAY:
            vault.delete(mark)
        raise
    secret, found = answer["secret"], answer["id"]
    if not (isinstance(secret, str) and secret and isinstance(found, str)):
        raise ApiError("The relay gave an answer that holds no secret; nothing in the vault was replaced.")
    if not may_replace:
        _check_free(api, vault, webhook, name)  # somebody may have kept one there meanwhile
    _keep(vault, name, secret, source)
    vault.delete(mark)
    return found


def forget(vault: Vault, name: str) -> bool:
    """Forget a secret, and what was noted about it; whether there was one.

    Raises:
        VaultError: the vault cannot be read or written.
    """
    vault.delete(_note(name))
    return vault.delete(name)


def _check_free(api: ControlApi, vault: Vault, webhook: str, name: str) -> None:
    there = vault.get(name)
    if there is not None and _traced(there, _source(api, webhook)) not in _traces(vault, name):
        raise NameTakenError(vault, webhook, name)


def _keep(vault: Vault, name: str, secret: str, source: str) -> None:
    """Keep a secret with the note of where it is from.

    The note comes first and is about both, the old one and the new: whoever is cut off in between has one
    that is known to have been pulled. One that no pull has brought is never noted.
    """
    there, known = vault.get(name), _traces(vault, name)
    kept = [trace for trace in known if there is not None and trace == _traced(there, source)]
    vault.set(_note(name), "\n".join([_traced(secret, source), *kept]))
    vault.set(name, secret)


def _source(api: ControlApi, webhook: str) -> str:
    """Whose secret it is: of which webhook of which gateway at which relay."""
    gateway = api.ask("GET", "gateway")["id"]
    if not (isinstance(gateway, str) and is_id("gw", gateway)):
        raise ApiError(f"What answers at {api.url} is no Fleet Gateway relay; nothing was pulled.")
    return f"{webhook}@{api.url} {gateway}"


def _traced(secret: str, source: str) -> str:
    """What stands in a note: that this very secret is from there. One put in its place later is not meant."""
    return f"{sha256(secret.encode()).hexdigest()} {source}"


def _traces(vault: Vault, name: str) -> list[str]:
    return (vault.get(_note(name)) or "").splitlines()


def _note(name: str) -> str:
    return f"{NOTE}{name}"
