"""Verifying: what a worker finds out about one event. No I/O: bytes in, decision out."""

import hashlib
from dataclasses import dataclass
from typing import Final

import structlog

from domain.envelope import unpack
from domain.errors import KeyNotInRingError, SealBrokenError
from domain.event import Rejection, Request
from domain.secret import SigningSecret, live
from domain.senders import SENDERS, Sender, Verdict, describe, verify
from domain.subscription import Subscription
from store.events import Decision, Waiting
from store.sealing import Sealer, event_place
from store.webhooks import StoredWebhook, open_vault

_DIGEST_CHARS: Final = 32
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Place:
    """Where events arrive: a webhook with what its rules need, opened once for all its events in a batch.

    Attributes:
        sender: who calls there.
        require_signature: reject what is not signed, also while there is no secret.
        secrets: its signing secrets, the ended ones included.
        subscriptions: those that listen to it.
    """

    sender: Sender
    require_signature: bool
    secrets: tuple[SigningSecret, ...]
    subscriptions: tuple[Subscription, ...]


def place_of(stored: StoredWebhook, subscriptions: tuple[Subscription, ...], sealer: Sealer) -> Place:
    """The place behind a webhook.

    Raises:
        SealBrokenError: its secrets cannot be opened.
    """
    webhook = stored.webhook
    secrets = open_vault(sealer, stored).secrets
    return Place(SENDERS[webhook.sender], webhook.require_signature, secrets, subscriptions)


def decide(event: Waiting, place: Place | None, sealer: Sealer) -> Decision:
    """Verify an event and find the subscriptions that want it.

    Args:
        event: the event with its sealed request.
        place: where it arrived; None when the webhook was deleted.
        sealer: opens the request.

    Raises:
        KeyNotInRingError: this worker lacks the key; to reject would delete what another one can read.
    """
    if place is None:
        return _rejected(event, Rejection.WEBHOOK_DELETED)
    try:
        request = _open(event, sealer)
    except KeyNotInRingError:
        raise
    except (SealBrokenError, ValueError) as error:
        _log.error("event_unreadable", event_id=event.event, error=str(error))
        return _rejected(event, Rejection.UNREADABLE)
    verdict = _verdict(place, request, event.received_at)
    described = describe(place.sender, request)
    if verdict.rejection is not None:
        return _rejected(event, verdict.rejection, described.event_type)
    return Decision(
        event=event.event,
        event_type=described.event_type,
        scheme=verdict.scheme or "",
        reason="",
        digest=_digest(place.sender, described.event_id, verdict),
        subscriptions=tuple(each.id for each in place.subscriptions if each.wants(described.event_type)),
    )


def _open(event: Waiting, sealer: Sealer) -> Request:
    if event.sealed is None:
        raise SealBrokenError("The body is gone.")
    return unpack(sealer.open(event.sealed, event_place(event.gateway, event.webhook, event.event)))


def _verdict(place: Place, request: Request, received_at: int) -> Verdict:
    """A webhook without a secret lets everything pass, unless it requires a signature or needs no secret."""
    if not place.secrets and not place.require_signature and not place.sender.is_keyless:
        return Verdict()
    secrets = [each.value for each in live(place.secrets, received_at)]
    return verify(place.sender, request, secrets, received_at)


def _digest(sender: Sender, event_id: str | None, verdict: Verdict) -> str:
    """What duplicates are told by. "" without a valid signature: a forger could suppress the real event."""
    if event_id is None or not verdict.ok or not sender.dedup:
        return ""
    return hashlib.sha256(event_id.encode()).hexdigest()[:_DIGEST_CHARS]


def _rejected(event: Waiting, reason: Rejection, event_type: str = "") -> Decision:
    return Decision(event.event, event_type, "", reason, "", ())
