"""Activity: what happened at a gateway, minute by minute, over the last day."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from store import keys
from store.calls import Call, Reply, pairs

MINUTE_MS: Final = 60_000
HOUR: Final = 60
"""Minutes of an hour."""

QUARTER: Final = 15
QUARTERS: Final = 96
"""Minutes of a quarter of an hour, and how many of these make a day."""


@dataclass(frozen=True, slots=True)
class Minute:
    """What happened in a minute, or in a quarter of an hour.

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


@dataclass(frozen=True, slots=True)
class Chart:
    """What happened lately; the last part of each is not over.

    Attributes:
        hour: the latest 60 minutes, oldest first.
        day: the latest 96 quarters of an hour, likewise.
    """

    hour: tuple[Minute, ...]
    day: tuple[Minute, ...]


def chart(gateway: str, now_ms: int) -> Call[Chart]:
    """What happened at a gateway in the last hour and day.

    Args:
        gateway: the Gateway ID.
        now_ms: Unix time in milliseconds.
    """
    last = now_ms // MINUTE_MS
    hours = range((last // QUARTER - QUARTERS + 1) * QUARTER // HOUR, last // HOUR + 1)

    def parse(replies: Sequence[Reply]) -> Chart:
        happened = [
            minute
            for hour, reply in zip(hours, replies, strict=True)
            for minute in _minutes(hour * HOUR, pairs(reply))
        ]
        return Chart(_parts(happened, last, 1, HOUR), _parts(happened, last, QUARTER, QUARTERS))

    return Call(tuple(("HGETALL", keys.minutes(gateway, hour)) for hour in hours), parse)


def _minutes(begin: int, fields: dict[str, bytes]) -> Iterator[tuple[int, str, int]]:
    """What was counted in an hour: the minute, what, how often. Most minutes have nothing."""
    for name, number in fields.items():
        yield begin + int(name[:-1]), name[-1], int(number)


def _parts(happened: Iterable[tuple[int, str, int]], last: int, width: int, count: int) -> tuple[Minute, ...]:
    first = last // width - count + 1
    sums = [dict.fromkeys("adf", 0) for _ in range(count)]
    for minute, what, number in happened:
        place = minute // width - first
        if 0 <= place < count:
            sums[place][what] += number
    return tuple(
        Minute((first + place) * width * MINUTE_MS, found["a"], found["d"], found["f"])
        for place, found in enumerate(sums)
    )
