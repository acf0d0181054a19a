"""Failures: the deliveries of a gateway that are dead or wait for a retry, and what is done with the dead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

from domain.delivery import Step
from store import keys
from store.calls import Call, Reply, one, pairs, text
from store.scripts import load
from store.stories import DeliveryStory, read_delivery

MAX_LOOKS: Final = 1000
"""Deliveries that one call looks at, at most: about 5 ms in which Redis serves nobody else."""

MAX_CHANGES: Final = 200
"""Deliveries that one call replays or discards, at most."""

Failing = Literal["dead", "retrying"]
Changed = Literal["done", "not_dead", "body_gone", "unknown"]
_FOR_EVER: Final = 2**53


@dataclass(frozen=True, slots=True)
class FailureRule:
    """Which deliveries are wanted.

    Attributes:
        webhook: id of a webhook; "" for any.
        subscription: id of a subscription; "" for any.
        type: an event type, or what it begins with and "*"; "" for any.
        since_ms: dead, or waiting, since then or later, Unix ms.
        until_ms: or since then at the latest; 0 for any time.
    """

    webhook: str = ""
    subscription: str = ""
    type: str = ""
    since_ms: int = 0
    until_ms: int = 0

    @property
    def is_of_time(self) -> bool:
        """Whether it leaves out by time alone."""
        return not (self.webhook or self.subscription or self.type)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list, after which a look goes on.

    Attributes:
        delivery: the delivery; "" before the first.
        at: since when it is dead or waits, Unix ms.
    """

    delivery: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """A delivery that is dead or waits for a retry.

    Attributes:
        delivery: what became of it.
        event: id of its event.
        webhook: id of the webhook.
        event_type: its sender's label.
        received_at: when the event came, Unix ms.
        since: since when it is dead or waits, Unix ms.
        due_at: when it is tried again, Unix ms; None: never by itself.
    """

    delivery: DeliveryStory
    event: str
    webhook: str
    event_type: str
    received_at: int
    since: int
    due_at: int | None


@dataclass(frozen=True, slots=True)
class Looked:
    """A part of the list.

    Attributes:
        rows: the deliveries that fit.
        last: what was looked at last.
        is_end: whether nothing older is there.
    """

    rows: tuple[Failure, ...]
    last: Place
    is_end: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """How many fit, in a part of the list.

    Attributes:
        notes: how many by their last answer.
        last: what was looked at last.
        is_end: whether nothing older is there.
    """

    notes: dict[str, int]
    last: Place
    is_end: bool


START: Final = Place()
EVERYTHING: Final = FailureRule()


def look(
    gateway: str, state: Failing, after: Place, looks: int, rows: int, rule: FailureRule = EVERYTHING
) -> Call[Looked]:
    """Look at some of the list: who came to it last stands first.

    Args:
        gateway: the Gateway ID.
        state: which list.
        after: where to go on; START begins with the newest.
        looks: how many to look at, at most MAX_LOOKS.
        rows: how many to answer at most, at least 1.
        rule: which are wanted.
    """

    def parse(reply: Reply) -> Looked:
        is_end, last, found = _head(reply)
        return Looked(tuple(map(_failure, found)), last, is_end)

    return one(_command(gateway, state, after, looks, max(1, rows), rule), parse)


def count(
    gateway: str, state: Failing, after: Place, looks: int, rule: FailureRule = EVERYTHING
) -> Call[Counted]:
    """Count what fits in a part of the list, by the last answers."""

    def parse(reply: Reply) -> Counted:
        is_end, last, found = _head(reply)
        return Counted({text(note): int(number) for note, number in found}, last, is_end)

    return one(_command(gateway, state, after, looks, 0, rule), parse)


def number(gateway: str, state: Failing, rule: FailureRule = EVERYTHING) -> Call[int]:
    """How many are of the time that a rule names, whatever else it says. Exact, and at once."""
    key = keys.dead(gateway) if state == "dead" else keys.retrying(gateway)
    return one(("ZCOUNT", key, rule.since_ms, rule.until_ms or "+inf"), int)


def totals(gateway: str) -> Call[dict[Failing, int]]:
    """How many deliveries of a gateway are dead with their body still here, and how many wait for a retry."""
    commands = (("ZCARD", keys.dead(gateway)), ("ZCARD", keys.retrying(gateway)))
    return Call(commands, lambda replies: {"dead": int(replies[0]), "retrying": int(replies[1])})


def since(gateway: str, delivery: str) -> Call[int | None]:
    """Since when one of them is dead or waits for a retry, Unix ms; None when it does neither."""
    commands = tuple(("ZSCORE", key(gateway), delivery) for key in (keys.dead, keys.retrying))
    return Call(commands, lambda replies: next((int(float(each)) for each in replies if each), None))


def replay(gateway: str, deliveries: Sequence[str], run: str) -> Call[list[Changed]]:
    """Send dead deliveries once more; what became of each request.

    Args:
        gateway: the Gateway ID.
        deliveries: their ids, at most MAX_CHANGES.
        run: a fresh id, by which a repeated call is known.
    """
    return _change(gateway, Step.REPLAY, deliveries, run)


def discard(gateway: str, deliveries: Sequence[str], run: str) -> Call[list[Changed]]:
    """Give dead deliveries up: the body goes when nobody else needs it. Otherwise like `replay`."""
    return _change(gateway, Step.DISCARD, deliveries, run)


def _change(gateway: str, step: Step, deliveries: Sequence[str], run: str) -> Call[list[Changed]]:
    command = load("replay").command(gateway, step, run, *deliveries)
    return one(command, lambda reply: [cast("Changed", text(each)) for each in reply])


def _command(
    gateway: str, state: Failing, after: Place, looks: int, rows: int, rule: FailureRule
) -> tuple[bytes | str | int | float, ...]:
    return load("list_failures").command(
        gateway,
        state,
        after.delivery,
        after.at,
        min(looks, MAX_LOOKS),
        rows,
        rule.webhook,
        rule.subscription,
        rule.type,
        rule.since_ms,
        rule.until_ms or _FOR_EVER,
    )


def _head(reply: Reply) -> tuple[bool, Place, Reply]:
    return bool(int(reply[0])), Place(text(reply[1]), int(float(reply[2]))), reply[3:]


def _failure(row: Reply) -> Failure:
    delivery, since, due, fields, webhook, event_type, at = row
    told = read_delivery(text(delivery), pairs(fields))
    return Failure(
        told,
        told.event,
        text(webhook),
        text(event_type),
        int(at),
        int(float(since)),
        int(float(due)) if due else None,
    )
