"""What the public door has refused at each webhook in the last day, by reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from store import keys
from store.calls import Call, Reply, one, pairs, together
from store.scripts import load

_HOUR_MS: Final = 3_600_000
_HOURS: Final = 24
_LAST: Final = "last"


class Refused(NamedTuple):
    """What a door has refused at one webhook, for one reason.

    Attributes:
        webhook: its id.
        reason: why.
        times: how often.
        last_at: when last, Unix ms.
    """

    webhook: str
    reason: str
    times: int
    last_at: int


@dataclass(frozen=True, slots=True)
class Refusals:
    """How often something was refused for one reason in the last 24 hours, and when last (Unix ms)."""

    times: int
    last_at: int


def note(note_id: str, refused: Sequence[Refused], now_ms: int) -> Call[bool]:
    """Add what a door has refused. False: this note was taken before.

    Args:
        note_id: a fresh id, which stays the same when it is not known whether the note was taken.
        refused: each webhook and reason once.
        now_ms: Unix time in milliseconds.
    """
    flat = [part for each in refused for part in each]
    return one(load("note_refusals").command(note_id, now_ms, *flat), bool)


def of(webhooks: Sequence[str], now_ms: int) -> Call[list[dict[str, Refusals]]]:
    """What was refused at each webhook: by the hour, so that up to an hour more than a day is told."""
    first_hour = now_ms // _HOUR_MS - _HOURS

    def parse(reply: Reply) -> dict[str, Refusals]:
        times: dict[str, int] = {}
        last: dict[str, int] = {}
        for field, value in pairs(reply).items():
            when, _, reason = field.partition(":")
            if when == _LAST:
                last[reason] = int(value)
            elif int(when) >= first_hour:
                times[reason] = times.get(reason, 0) + int(value)
        return {reason: Refusals(count, last[reason]) for reason, count in sorted(times.items())}

    return together([one(("HGETALL", keys.refused(each)), parse) for each in webhooks])
