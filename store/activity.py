"""Activity: what happened at a gateway, minute by minute, over the last day."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from store import keys
from store.calls import Call, Reply, pairs

MINUTE_MS: Final = 60_000
_HOUR_MINUTES: Final = 60


@dataclass(frozen=True, slots=True)
class Minute:
    """What happened in a minute, or in several.

    Attributes:
        at: when it began, Unix ms.
        accepted: events.
        delivered: deliveries.
        failed: deliveries that died.
    """

    at: int
    accepted: int = 0
    delivered: int = 0
    failed: int = 0

    def __add__(self, other: "Minute") -> "Minute":
        return Minute(
            min(self.at, other.at),
            self.accepted + other.accepted,
            self.delivered + other.delivered,
            self.failed + other.failed,
        )


def minutes(gateway: str, count: int, now_ms: int) -> Call[list[Minute]]:
    """The latest minutes of a gateway, oldest first; the last one is not over.

    Args:
        gateway: the Gateway ID.
        count: how many, at most those of a day.
        now_ms: Unix time in milliseconds.
    """
    last = now_ms // MINUTE_MS
    wanted = range(last - count + 1, last + 1)
    hours = range(wanted[0] // _HOUR_MINUTES, last // _HOUR_MINUTES + 1)

    def parse(replies: Sequence[Reply]) -> list[Minute]:
        found = {hour: pairs(reply) for hour, reply in zip(hours, replies, strict=True)}
        return [_minute(minute, found[minute // _HOUR_MINUTES]) for minute in wanted]

    return Call(tuple(("HGETALL", keys.minutes(gateway, hour)) for hour in hours), parse)


def _minute(minute: int, fields: dict[str, bytes]) -> Minute:
    of_hour = minute % _HOUR_MINUTES
    accepted, delivered, failed = (int(fields.get(f"{of_hour}{letter}", 0)) for letter in "adf")
    return Minute(minute * MINUTE_MS, accepted, delivered, failed)
