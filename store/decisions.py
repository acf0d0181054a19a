"""Decisions about events: what waits for a worker, and what a worker has found out about it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.passed_over import Because, PassedOver, bounded
from store.calls import Call, one, text
from store.scripts import load

MAX_PASSED_OVER: Final = 20
"""Of so many subscriptions that did not want an event, its story says why."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event that waits to be verified.

    Attributes:
        event: its id.
        gateway: the Gateway ID.
        webhook: the webhook's id.
        received_at: Unix ms.
        born_as: the event type that it has from the start, because we made it; "" when it came from a sender.
        sealed: the sealed envelope; None when the body is gone.
    """

    event: str
    gateway: str
    webhook: str
    received_at: int
    born_as: str
    sealed: bytes | None


def waiting(events: Sequence[str]) -> Call[list[Waiting]]:
    """Those of the events that still wait, with their sealed requests."""
    return one(
        load("waiting").command(*events),
        lambda reply: [
            Waiting(text(row[0]), text(row[1]), text(row[2]), row[3], text(row[4]), row[5]) for row in reply
        ],
    )


def put_off(events: Sequence[str], until_ms: int) -> Call[int]:
    """Have events that still wait looked at later, at this Unix time in ms. Returns how many wait."""
    return one(load("put_off").command(until_ms, *events), int)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a worker found out about an event.

    Attributes:
        event: its id.
        event_type: the sender's label.
        scheme: the scheme that verified it; "" when it was not verified.
        reason: why it is rejected; "" when it is not.
        digest: of the sender event id, when duplicates are to be stopped; else "".
        subscriptions: ids of those whose filter matches.
        secret: id of the secret that matched; "" when none did, or none was needed.
        count: how many events of the sender the body brings.
        seems: key of another sender that seems to have called; "" when nothing speaks for one.
        note: what else the owner should know, in words; "" as a rule.
        finding: what an examination of its signature found, see `domain.senders.diagnosis`; "" as a rule.
        left_home: whether its signature is left to the private side.
        passed_over: subscriptions that listen and do not want it, and why.
    """

    event: str
    event_type: str
    scheme: str
    reason: str
    digest: str
    subscriptions: tuple[str, ...]
    secret: str = ""
    count: int = 1
    seems: str = ""
    note: str = ""
    finding: str = ""
    left_home: bool = False
    passed_over: tuple[PassedOver, ...] = ()

    def further_facts(self) -> list[str | int]:
        """Names and values of what few events have."""
        facts = {
            "items": self.count if self.count > 1 else "",
            "seems": self.seems,
            "note": self.note,
            "finding": self.finding,
            "left_home": int(self.left_home),
            "passed_over": _written(self.passed_over[:MAX_PASSED_OVER]),
        }
        return [part for name, value in facts.items() if value for part in (name, value)]


def _written(passed_over: Sequence[PassedOver]) -> str:
    """As the event's hash keeps it, and `read_passed_over` reads it; "" for nobody."""
    rows = [[each.subscription, each.because, each.asked, each.detail] for each in bounded(passed_over)]
    return json.dumps(rows, separators=(",", ":"), ensure_ascii=False) if rows else ""


def read_passed_over(written: str) -> tuple[PassedOver, ...]:
    """Who did not get an event, and why."""
    return tuple(
        PassedOver(subscription, Because(because), tuple(asked), detail)
        for subscription, because, asked, detail in json.loads(written or "[]")
    )


def fan_out(decisions: Sequence[Decision], now_ms: int, retention_ms: int, dedup_ms: int) -> Call[list[str]]:
    """Carry decisions out: reject, or create the deliveries. Returns the state of each event."""
    flat: list[str | int] = []
    for item in decisions:
        flat += (item.event, item.event_type, item.scheme, item.reason, item.digest)
        facts = item.further_facts()
        flat += (item.secret, len(facts) // 2, *facts, len(item.subscriptions), *item.subscriptions)
    command = load("fan_out").command(now_ms, retention_ms, dedup_ms, *flat)
    return one(command, lambda reply: [text(state) for state in reply])
