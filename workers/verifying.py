"""Verifying: what a worker finds out about one event. No I/O: bytes in, decision out."""

import hashlib
from collections.abc import Sequence
from typing import Final

import structlog

from domain.envelope import unpack
from domain.errors import SealBrokenError
from domain.event import Rejection, Request
from domain.senders import SENDERS, Verdict, describe, verify
from domain.subscription import Subscription
from store.events import Decision, Waiting
from store.sealing import Sealer, event_place
from store.webhooks import StoredWebhook, open_secrets

_DIGEST_CHARS: Final = 32
_log = structlog.get_logger()


def decide(
    event: Waiting, stored: StoredWebhook | None, subscriptions: Sequence[Subscription], sealer: Sealer
) -> Decision:
    """Verify an event and find the subscriptions that want it.

    Args:
        event: the event with its sealed request.
        stored: its webhook; None when it was deleted.
        subscriptions: those that listen to the webhook.
        sealer: opens the request and the webhook's secrets.
    """
    if stored is None:
        return _rejected(event, Rejection.WEBHOOK_DELETED)
    try:
        request = _open(event, sealer)
        secrets = open_secrets(sealer, stored)
    except (SealBrokenError, ValueError) as error:
        _log.error("event_unreadable", event_id=event.event, error=str(error))
        return _rejected(event, Rejection.UNREADABLE)
    verdict = _verdict(stored, request, secrets, event.received_at)
    described = describe(SENDERS[stored.webhook.sender], request)
    if verdict.rejection is not None:
        return _rejected(event, verdict.rejection, described.event_type)
    return Decision(
        event=event.event,
        event_type=described.event_type,
        scheme=verdict.scheme or "",
        reason="",
        digest=_digest(stored, described.event_id, verdict),
        subscriptions=tuple(each.id for each in subscriptions if each.wants(described.event_type)),
    )


def _open(event: Waiting, sealer: Sealer) -> Request:
    if event.sealed is None:
        raise SealBrokenError("The body is gone.")
    return unpack(sealer.open(event.sealed, event_place(event.gateway, event.webhook, event.event)))


def _verdict(stored: StoredWebhook, request: Request, secrets: Sequence[bytes], received_at: int) -> Verdict:
    """A webhook without a secret lets everything pass, unless it requires a signature."""
    if not secrets and not stored.webhook.require_signature:
        return Verdict()
    return verify(SENDERS[stored.webhook.sender], request, secrets, received_at)


def _digest(stored: StoredWebhook, event_id: str | None, verdict: Verdict) -> str:
    """What duplicates are told by. "" without a valid signature: a forger could suppress the real event."""
    if event_id is None or not verdict.ok or not SENDERS[stored.webhook.sender].dedup:
        return ""
    return hashlib.sha256(event_id.encode()).hexdigest()[:_DIGEST_CHARS]


def _rejected(event: Waiting, reason: Rejection, event_type: str = "") -> Decision:
    return Decision(event.event, event_type, "", reason, "", ())
