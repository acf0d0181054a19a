"""Verifying: what a worker finds out about one event. No I/O: bytes in, decision out."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import structlog

from domain.envelope import unpack
from domain.errors import KeyNotInRingError, SealBrokenError
from domain.event import Rejection, Request
from domain.expression.facts import Facts
from domain.secret import Secrets, live
from domain.senders import (
    SENDERS,
    Description,
    Sender,
    Site,
    Verdict,
    describe,
    looks_like,
    tailored,
    verify,
)
from domain.senders.content import Content
from domain.subscription import Subscription
from store.decisions import Decision, Waiting
from store.sealing import Sealer, event_place
from store.webhooks import StoredWebhook, open_vault, site_of
from workers.errand import Errand, Purpose
from workers.filtering import Filters, Sifted

_DIGEST_CHARS: Final = 32
_CONFIRM: Final = "confirm_subscriptions"
_UNCONFIRMED: Final = "subscription not confirmed: "
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Place:
    """Where events arrive: a webhook with what its rules need, opened once for all its events in a batch.

    Attributes:
        sender: who calls there, as its owner has fitted it.
        site: what the sender signs besides its requests.
        require_signature: reject what is not signed, also while there is no secret.
        secrets: its signing secrets, the ended ones included.
        subscriptions: those that listen to it.
        stored: the webhook itself.
    """

    sender: Sender
    site: Site
    require_signature: bool
    secrets: Secrets
    subscriptions: tuple[Subscription, ...]
    stored: StoredWebhook

    @property
    def asks_contents(self) -> bool:
        """Whether a subscription looks into events by an expression, which takes its time."""
        return any(each.expression for each in self.subscriptions)


def place_of(
    stored: StoredWebhook,
    subscriptions: tuple[Subscription, ...],
    sealer: Sealer,
    public_url: str,
    documents: Mapping[str, bytes],
) -> Place:
    """The place behind a webhook.

    Args:
        stored: the webhook.
        subscriptions: those that listen to it.
        sealer: opens what is sealed.
        public_url: what its address begins with.
        documents: certificates and key sets of senders that are here, by URL.

    Raises:
        SealBrokenError: its secrets cannot be opened.
        InvalidInputError: its parameters do not fit its sender.
    """
    webhook, vault = stored.webhook, open_vault(sealer, stored)
    sender = tailored(SENDERS[webhook.sender], vault.parameters)
    return Place(
        sender,
        replace(site_of(sender, stored, vault, sealer, public_url), documents=documents),
        webhook.require_signature,
        vault.secrets,
        subscriptions,
        stored,
    )


def decide(event: Waiting, place: Place | None, sealer: Sealer, filters: Filters) -> Decision | Errand:
    """Verify an event and find the subscriptions that want it; or say what has to be called for that first.

    Args:
        event: the event with its sealed request.
        place: where it arrived; None when the webhook was deleted.
        sealer: opens the request.
        filters: find the subscriptions.

    Raises:
        KeyNotInRingError: this worker lacks the key; to reject would delete what another one can read.
        NotStartedError: an expression cannot be evaluated here.
        RestingError: the gateway has no time left for expressions, and the event is verified.
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
    live_secrets = live(place.secrets, event.received_at)
    verdict = _verdict(place, request, live_secrets, event.received_at)
    described = describe(place.sender, request)
    seems = "" if verdict.ok else _seems(place, request)
    if verdict.rejection is not None:
        rejected = _rejected(event, verdict.rejection, described, seems)
        return (
            rejected if verdict.wanted is None else _errand(event, Purpose.DOCUMENT, verdict.wanted, rejected)
        )
    index = verdict.secret_index
    sifted = _sifted(event, place, request, described, filters, is_verified=verdict.ok)
    decision = Decision(
        event=event.event,
        event_type=described.event_type,
        scheme=verdict.scheme or "",
        reason="",
        digest=_digest(place.sender, described.event_id, verdict),
        subscriptions=sifted.wanted,
        secret="" if index is None else live_secrets[index].id,
        count=described.count,
        seems=seems,
        left_home=place.stored.webhook.is_left_home,
        passed_over=sifted.passed_over,
    )
    asked = _asked(place.sender, request) if verdict.ok else None
    return decision if asked is None else _confirmed(event, place, asked, decision)


def _sifted(
    event: Waiting,
    place: Place,
    request: Request,
    described: Description,
    filters: Filters,
    *,
    is_verified: bool,
) -> Sifted:
    webhook = place.stored.webhook

    def facts() -> Facts:
        return Facts(
            request=request,
            event=event.event,
            event_type=described.event_type,
            event_types=described.event_types,
            webhook=webhook.name,
            sender=webhook.sender,
            is_verified=is_verified,
            received_at=event.received_at,
        )

    types, sender = described.event_types, webhook.sender
    return filters.sift(place.subscriptions, lambda each: each.misses(types, sender), facts)


def _errand(event: Waiting, purpose: Purpose, url: str, otherwise: Decision) -> Errand:
    return Errand(event.event, event.webhook, purpose, url, otherwise)


def _asked(sender: Sender, request: Request) -> str | None:
    """The URL by which a request wants to be confirmed, None when it does not ask."""
    return None if sender.confirmation is None else sender.confirmation(Content(request))


def _confirmed(event: Waiting, place: Place, url: str, decision: Decision) -> Decision | Errand:
    """A confirmation is called for where the owner allows it; otherwise he is told how to."""
    if place.site.parameters.get(_CONFIRM) == "true" and url:
        off = f"{_UNCONFIRMED}FLEET_OUTBOUND is off on this server"
        return _errand(event, Purpose.CONFIRMATION, url, replace(decision, note=off))
    allow = f"set {_CONFIRM}=true and subscribe again, or open the SubscribeURL yourself"
    _log.warning("subscription_not_confirmed", event_id=event.event, webhook=event.webhook)
    return replace(decision, note=_UNCONFIRMED + (allow if url else "its SubscribeURL is not the sender's"))


def _open(event: Waiting, sealer: Sealer) -> Request:
    if event.sealed is None:
        raise SealBrokenError("The body is gone.")
    return unpack(sealer.open(event.sealed, event_place(event.gateway, event.webhook, event.event)))


def _verdict(place: Place, request: Request, secrets: Secrets, received_at: int) -> Verdict:
    if place.stored.webhook.is_left_home:
        return Verdict()
    has_secret = bool(place.secrets)
    if not place.sender.must_verify(is_required=place.require_signature, has_secret=has_secret):
        return Verdict()
    return verify(place.sender, request, [each.value for each in secrets], received_at, place.site)


def _seems(place: Place, request: Request) -> str:
    """Who else seems to call: a hint for the owner, "" when it is the sender that was chosen, or nobody."""
    likely = looks_like(request)
    return "" if place.sender.key in likely else next(iter(likely), "")


def _digest(sender: Sender, event_id: str | None, verdict: Verdict) -> str:
    """What duplicates are told by. "" without a valid signature: a forger could suppress the real event."""
    if event_id is None or not verdict.ok or not sender.dedup:
        return ""
    return hashlib.sha256(event_id.encode()).hexdigest()[:_DIGEST_CHARS]


_NO_DESCRIPTION: Final = Description("", None)


def _rejected(
    event: Waiting, reason: Rejection, described: Description = _NO_DESCRIPTION, seems: str = ""
) -> Decision:
    count = described.count
    return Decision(event.event, described.event_type, "", reason, "", (), count=count, seems=seems)
