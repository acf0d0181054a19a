"""Targets: where the connector brings deliveries, and what it is answered there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from domain.delivery import Outcome
from domain.envelope import unpack
from domain.event import Request
from relay.tunnel.messages import Parcel


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
        ValueError: the envelope cannot be read.
    """
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
        unpack(parcel.envelope),
    )
