"""The event log: which events a gateway or one of its webhooks has accepted, newest first.

Nothing is indexed but the order: what a filter leaves out is looked at and passed over, so many at a time.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from domain.delivery import DeliveryState
from domain.event import EventState
from domain.ids import id_since
from domain.outcome import EventOutcome, outcome_of
from store.calls import Call, Reply, one, text
from store.scripts import load

MAX_LOOKS: Final = 1000
"""Entries that one call looks at, at most: about 5 ms in which Redis serves nobody else."""


@dataclass(frozen=True, slots=True)
class LogRule:
    """Which events are wanted.

    Attributes:
        type: an event type, or what it begins with and "*"; "" for any.
        states: where they stand; none for anywhere.
        deliveries: where at least one of its deliveries stands, if it is fanned out; none for anywhere.
        since_ms: received then or later, Unix ms; 0 for any time.
        until_ms: received before, Unix ms; 0 for any time.
    """

    type: str = ""
    states: Collection[EventState] = ()
    deliveries: Collection[DeliveryState] = ()
    since_ms: int = 0
    until_ms: int = 0


@dataclass(frozen=True, slots=True)
class LogRow:
    """An event in the log.

    Attributes:
        event: its id.
        webhook: the webhook's id.
        event_type: the sender's label; "" before it is known.
        state: where it stands.
        at: when it was received, Unix ms.
        deliveries: where its deliveries stand.
    """

    event: str
    webhook: str
    event_type: str
    state: EventState
    at: int
    deliveries: tuple[DeliveryState, ...]

    @property
    def outcome(self) -> EventOutcome:
        """What became of it."""
        return outcome_of(self.state, self.deliveries)


@dataclass(frozen=True, slots=True)
class Looked:
    """A part of the log.

    Attributes:
        rows: the events that fit.
        last: the event that was looked at last; the next look goes on after it. "" when the log is empty.
        is_end: whether nothing older is there.
    """

    rows: tuple[LogRow, ...]
    last: str
    is_end: bool


EVERYTHING: Final = LogRule()


def look(
    owner: str, gateway: str, after: str, looks: int, rows: int, rule: LogRule = EVERYTHING
) -> Call[Looked]:
    """Look at some of the log.

    Args:
        owner: whose log: the Gateway ID, or the id of a webhook.
        gateway: the Gateway ID; nothing of another one is answered.
        after: the event after which to go on; "" begins with the newest.
        looks: how many entries to look at, at most MAX_LOOKS.
        rows: how many events to answer at most, at least 1.
        rule: which events are wanted.
    """
    command = load("list_events").command(
        owner,
        gateway,
        after,
        min(looks, MAX_LOOKS),
        rows,
        rule.type,
        id_since("evt", rule.since_ms) if rule.since_ms else "",
        id_since("evt", rule.until_ms) if rule.until_ms else "",
        " ".join(rule.deliveries),
        *rule.states,
    )
    return one(
        command, lambda reply: Looked(tuple(map(_row, reply[2:])), text(reply[1]), is_end=bool(int(reply[0])))
    )


def _row(row: Reply) -> LogRow:
    event, webhook, event_type, state, at, deliveries = (text(part) for part in row)
    states = tuple(map(DeliveryState, deliveries.split()))
    return LogRow(event, webhook, event_type, EventState(state), int(at), states)
