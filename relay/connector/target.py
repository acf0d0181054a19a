"""Targets: where the connector brings deliveries, and what it is answered there."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from domain.delivery import Outcome
from domain.envelope import unpack
from domain.event import Request
from relay.tunnel.messages import Parcel

_METHOD: Final = re.compile(r"[A-Z-]{1,30}")
# Tokens of RFC 9110, section 5.6.2, without capitals.
_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+")
_NEVER_IN_VALUES: Final = re.compile(rb"[\r\n\0]")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery that has come through the tunnel.

    Attributes:
        delivery: its id, the same at every attempt.
        attempt: number of this attempt.
        event: the event's id.
        event_type: the sender's label for the event.
        subscription: name of the subscription.
        webhook: name of the webhook.
        sender: key of the sender, such as "github".
        scheme: the scheme that verified the event; "" when it was not verified.
        received_at: when the ingress received it, Unix ms.
        timeout_s: how long the attempt may take, in seconds; one that says that it works: be silent.
        request: what the sender sent.
    """

    delivery: str
    attempt: int
    event: str
    event_type: str
    subscription: str
    webhook: str
    sender: str
    scheme: str
    received_at: int
    timeout_s: int
    request: Request


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an attempt.

    Attributes:
        outcome: delivered, retry or refused.
        note: a few words for the owner ("200", "timeout"); never payload, never a URL.
        retry_after_s: for retry, what the subscriber asked for, in seconds.
        verified_by: the scheme that verified the event here, at home; "" when nothing did.
    """

    outcome: Outcome
    note: str = ""
    retry_after_s: float | None = None
    verified_by: str = ""


KeepAlive = Callable[[], None]
"""Says that an attempt still works."""


class Target(Protocol):
    """Something that deliveries are brought to."""

    async def deliver(self, arrival: Arrival, keep_alive: KeepAlive) -> Answer:
        """Bring a delivery there; many may be under way at once.

        Args:
            arrival: the delivery.
            keep_alive: says that the attempt still works, so that its `timeout_s` begin anew. Cheap: it may
                be called for every line that a program writes; in the event loop only. Without it the attempt
                has `timeout_s` and no more.
        """
        ...


def arrival_of(parcel: Parcel, subscription: str) -> Arrival:
    """What has arrived, for the subscription of this name.

    Raises:
        ValueError: the envelope cannot be read, or holds what no ingress takes in.
    """
    request = unpack(parcel.envelope)
    _require_usual(request)
    return Arrival(
        parcel.delivery,
        parcel.attempt,
        parcel.event,
        parcel.event_type,
        subscription,
        parcel.webhook,
        parcel.sender,
        parcel.scheme,
        parcel.received_at,
        parcel.timeout_s,
        request,
    )


def _require_usual(request: Request) -> None:
    """Whether its head is one that an ingress keeps: headers of lower-case tokens, a method in capitals.

    A gateway that was broken into can send others. All that reads headers here knows them in lower case:
    "Transfer-Encoding" or "transfer-encoding " would pass by what is left out, and tell a local server that
    a second request stands in the body.
    """
    is_usual = _METHOD.fullmatch(request.method) and all(
        _NAME.fullmatch(name) and not _NEVER_IN_VALUES.search(value) for name, value in request.headers
    )
    if not is_usual:
        raise ValueError("No ingress keeps such a head.")
