"""Examining: what a diagnosis needs of a webhook and of its neighbours, opened."""

from collections.abc import Iterator, Sequence
from typing import Final

from domain.errors import SealBrokenError
from domain.event import Request
from domain.secret import live
from domain.senders import SENDERS, tailored
from domain.senders.diagnosis import Case, Neighbour
from store import keys
from store.calls import Call, one, text
from store.sealing import Sealer
from store.webhooks import StoredWebhook, open_token, open_vault, site_of

MAX_NEIGHBOURS: Final = 100
"""So many other webhooks are looked at, the newest."""


def neighbours(gateway: str, webhook: str) -> Call[list[str]]:
    """Ids of the other webhooks of a gateway, at most MAX_NEIGHBOURS, the newest first."""
    return one(
        ("HVALS", keys.webhooks(gateway)),
        # Ids sort by the time at which they were made.
        lambda reply: sorted({text(each) for each in reply} - {webhook}, reverse=True)[:MAX_NEIGHBOURS],
    )


def case_of(
    stored: StoredWebhook,
    others: Sequence[StoredWebhook | None],
    request: Request,
    received_at: int,
    sealer: Sealer,
    public_url: str,
) -> Case:
    """A case for `diagnose`.

    Args:
        stored: the webhook.
        others: its neighbours; None where one was deleted.
        request: what came.
        received_at: Unix time of receipt in milliseconds.
        sealer: opens what is sealed.
        public_url: what the addresses of webhooks begin with.

    Raises:
        SealBrokenError: the webhook's own secrets or its token cannot be opened.
        InvalidInputError: its parameters do not fit its sender.
    """
    vault = open_vault(sealer, stored)
    sender = tailored(SENDERS[stored.webhook.sender], vault.parameters)
    return Case(
        name=stored.webhook.name,
        sender=sender,
        request=request,
        secrets=vault.secrets,
        received_at=received_at,
        site=site_of(sender, stored, vault, sealer, public_url),
        address=f"{public_url}/t/{open_token(sealer, stored)}",
        neighbours=tuple(_opened(others, received_at, sealer)),
    )


def _opened(others: Sequence[StoredWebhook | None], received_at: int, sealer: Sealer) -> Iterator[Neighbour]:
    for other in others:
        if other is None:
            continue
        try:
            vault = open_vault(sealer, other)
        except SealBrokenError:
            # That is no reason not to look at the rest.
            continue
        if secrets := live(vault.secrets, received_at):
            yield Neighbour(other.webhook.name, tuple(each.value for each in secrets))
