"""A chart of events over time, as the numbers that an SVG is drawn from, and as words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from relay.server.inner_api import Json

HEIGHT: Final = 100
"""Of the drawing, in its own units; it is stretched to whatever room there is."""

SLOT: Final = 10
"""Width of one point in time, likewise."""

_GAP: Final = 2
_FULL_SCALES: Final = (2, 4, 10)
_KINDS: Final = ("accepted", "delivered", "failed")


@dataclass(frozen=True, slots=True)
class Bar:
    """A point in time: what was delivered, and on top of it what failed.

    Attributes:
        x: left end of the slot.
        delivered: y and height of the lower part.
        failed: y and height of the upper part.
        title: the numbers in words.
        point: what the API said of it.
    """

    x: int
    delivered: tuple[float, float]
    failed: tuple[float, float]
    title: str
    point: Json


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart.

    Attributes:
        bars: the oldest first.
        line: the steps of what was accepted, as points of a polyline.
        top: the number at the upper end of the scale; an even one.
        width: of the drawing.
        totals: accepted, delivered and failed over all of it.
        summary: all of it in a sentence.
    """

    bars: Sequence[Bar]
    line: str
    top: int
    width: int
    totals: dict[str, int]
    summary: str


def of(points: Sequence[Json], slot: str) -> Chart:
    """The chart of some points in time.

    Args:
        points: `at`, `accepted`, `delivered` and `failed`, the oldest first.
        slot: how long each of them is, in words.
    """
    top = _scale(
        max((max(each["accepted"], each["delivered"] + each["failed"]) for each in points), default=0)
    )
    totals = {kind: sum(each[kind] for each in points) for kind in _KINDS}
    heights = [HEIGHT - each["accepted"] * HEIGHT / top for each in points]
    steps = ((f"{i * SLOT},{y:g}", f"{(i + 1) * SLOT},{y:g}") for i, y in enumerate(heights))
    return Chart(
        [_bar(i, each, top) for i, each in enumerate(points)],
        " ".join(point for step in steps for point in step),
        top,
        max(len(points), 1) * SLOT,
        totals,
        f"{_words(totals)} in {len(points)} times {slot}; at most {_peak(points)} accepted in one.",
    )


def _bar(index: int, point: Json, top: int) -> Bar:
    scale = HEIGHT / top
    delivered, failed = point["delivered"] * scale, point["failed"] * scale
    return Bar(
        index * SLOT,
        (HEIGHT - delivered, delivered),
        (HEIGHT - delivered - failed, failed),
        f"{point['at'][11:16]} UTC: {_words(point)}",
        point,
    )


def _words(numbers: Json) -> str:
    return ", ".join(f"{numbers[kind]} {kind}" for kind in _KINDS)


def _peak(points: Sequence[Json]) -> int:
    return max((each["accepted"] for each in points), default=0)


def _scale(most: int) -> int:
    """The next even round number."""
    power = 1
    while True:
        for factor in _FULL_SCALES:
            if most <= factor * power:
                return factor * power
        power *= 10
