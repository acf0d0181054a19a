"""Deliveries in Redis: taken from streams by tunnels, settled by what connectors say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, cast

from domain.delivery import Delivery, Step
from store import keys
from store.calls import Call, Reply, one, text
from store.scripts import load

MAX_NOTE_CHARS = 100


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that a tunnel has taken, with the facts of its event.

    Attributes:
        delivery: the delivery and the number of this attempt.
        gateway: the Gateway ID.
        webhook: the webhook's id.
        webhook_name: the webhook's name.
        sender: key of the webhook's sender.
        event_type: the sender's label for the event.
        scheme: the scheme that verified it; "" when it was not verified.
        received_at: when the ingress received it, Unix ms.
        kept: bytes of its sealed body.
    """

    delivery: Delivery
    gateway: str
    webhook: str
    webhook_name: str
    sender: str
    event_type: str
    scheme: str
    received_at: int
    kept: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of one attempt.

    Attributes:
        delivery: the delivery's id.
        attempt: the attempt that is answered; an answer to another attempt changes nothing.
        step: DELIVER, REFUSE, RETRY or EXHAUST.
        retry_at: for RETRY, when the next attempt is due, Unix ms.
        note: a few words for the owner ("500", "timeout"); no payload.
    """

    delivery: str
    attempt: int
    step: Step
    retry_at: int = 0
    note: str = ""


class Prolongation(NamedTuple):
    """A word of a connector that an attempt still works.

    Attributes:
        gateway: the Gateway ID.
        tunnel: the tunnel that has taken the delivery.
        session: the connection that holds the tunnel's lease.
        delivery: the delivery's id.
        attempt: the attempt that works.
        timeout_s: how long it may be silent from now on, in seconds.
    """

    gateway: str
    tunnel: str
    session: str
    delivery: str
    attempt: int
    timeout_s: int


def take(
    gateway: str,
    tunnel: str,
    session: str,
    number: int,
    wanted: Sequence[tuple[str, int]],
    count: int,
    now_ms: int,
) -> Call[list[Taken] | None]:
    """Take up to `count` deliveries for a tunnel; None when the session does not hold its lease.

    Args:
        gateway: the Gateway ID.
        tunnel: the tunnel id that becomes their consumer.
        session: the connection that holds the tunnel's lease.
        number: of this call in the session: the same one again answers the same.
        wanted: subscription ids and the seconds one attempt may take; earlier ones are served first.
        count: how many the tunnel's credit allows.
        now_ms: Unix time in milliseconds.
    """
    flat = [part for subscription in wanted for part in subscription]
    command = load("take").command(gateway, tunnel, session, number, now_ms, count, *flat)
    timeouts = dict(wanted)

    def taken(row: Reply) -> Taken:
        delivery, event, subscription, webhook, name, sender, event_type, scheme = map(text, row[:8])
        attempt, generation, tries, received_at, kept = (int(part) for part in row[8:])
        return Taken(
            Delivery(delivery, event, subscription, attempt, generation, tries, timeouts[subscription]),
            gateway,
            webhook,
            name,
            sender,
            event_type,
            scheme,
            received_at,
            kept,
        )

    return one(command, lambda reply: None if reply is None else [taken(row) for row in reply])


def bodies(events: Sequence[str]) -> Call[list[bytes | None]]:
    """The sealed requests of events; None where the body is gone. At least one event."""
    return one(("MGET", *map(keys.body, events)), list)


def settle(settlements: Sequence[Settlement], now_ms: int) -> Call[list[bool]]:
    """Settle attempts. False where the attempt was not the one in question any more."""
    flat = [
        part
        for item in settlements
        for part in (item.delivery, item.attempt, item.step, item.retry_at, item.note[:MAX_NOTE_CHARS])
    ]
    return one(load("settle").command(now_ms, *flat), lambda reply: [bool(done) for done in reply])


def prolong(prolongations: Sequence[Prolongation], now_ms: int) -> Call[list[bool]]:
    """Let the time of attempts begin anew. False where it was not the attempt in question any more."""
    flat = [part for item in prolongations for part in item]
    return one(load("prolong_attempt").command(now_ms, *flat), lambda reply: [bool(done) for done in reply])


Attempted = Literal["resent", "dead", "replayed", "gone", "stale"]


def attempt(delivery: str, ticket: str, run: str) -> Call[tuple[Attempted, int]]:
    """Do what an RQ job is for, with one of its deliveries; see `scripts/attempt.lua`.

    Args:
        delivery: the delivery's id.
        ticket: the job's id; only the job that the delivery waits for may move it.
        run: a fresh id for each run of the job; it tells a call that is sent again from a requeued job.

    Returns:
        What happened, and the number of attempts made so far in this generation.
    """
    command = load("attempt").command(delivery, ticket, run)
    return one(command, lambda reply: (cast("Attempted", text(reply[0])), int(reply[1])))
