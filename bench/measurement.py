"""A measurement: our side and a reference, run alternately."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bench.figures import Sample, Side
from bench.profile import Profile

WARM: Final = 500
"""Requests before the measured ones: connections are made, scripts loaded, code paths specialized."""

_WARM_QUICK: Final = 20


@dataclass(frozen=True, slots=True)
class Scale:
    """How much to do in one run.

    Attributes:
        events: number of events.
        warm: events before those that are measured.
        profile: what is to be profiled, if anything.
    """

    events: int
    warm: int = WARM
    profile: Profile | None = None


Run = Callable[[Scale], Sample]
Kind = Literal["rate", "latency", "size"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """What is compared with what.

    Attributes:
        name: for the command line.
        title: for people.
        kind: `rate`: per second, more is better, compared as a ratio; `latency`: ms; `size`: less is better.
        unit: of the figure.
        ours: one run of our side.
        events: how many, for us.
        aim: `rate`: the least ratio; `size`: the most; None: there is none.
        reference: one run of what it is compared with.
        reference_name: what that is.
        reference_events: how many, for the reference.
        quick_events: how many, for either, when only the benchmark itself is tried out.
        notes: what our runs say besides, in sentences.
    """

    name: str
    title: str
    kind: Kind
    unit: str
    ours: Run
    events: int
    aim: float | None = None
    reference: Run | None = None
    reference_name: str = ""
    reference_events: int = 0
    quick_events: int = 100
    notes: Callable[[Side], Sequence[str]] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a measurement."""

    measurement: Measurement
    ours: Side
    reference: Side | None


def measure(measurement: Measurement, runs: int, *, quick: bool, tell: Callable[[str], None]) -> Result:
    """Run both sides alternately, so that a machine that is busy for a while is so for both.

    Args:
        measurement: what to measure.
        runs: how often.
        quick: far too few events for figures; tries out the benchmark.
        tell: is told what was measured, run by run.

    Raises:
        BenchError: something did not do what is measured.
    """
    ours: list[Sample] = []
    theirs: list[Sample] = []
    for number in range(1, runs + 1):
        ours.append(measurement.ours(_scale(measurement, measurement.events, quick=quick)))
        tell(f"{measurement.name} {number}/{runs}: ours {ours[-1].value:,.2f}")
        if measurement.reference is not None:
            events = measurement.reference_events or measurement.events
            theirs.append(measurement.reference(_scale(measurement, events, quick=quick)))
            tell(f"{measurement.name} {number}/{runs}: {measurement.reference_name} {theirs[-1].value:,.2f}")
    reference = Side(measurement.reference_name, tuple(theirs)) if theirs else None
    return Result(measurement, Side("ours", tuple(ours)), reference)


def profiled(measurement: Measurement, profile: Profile, *, quick: bool) -> Sample:
    """One run of our side with one of its processes profiled."""
    scale = _scale(measurement, measurement.events, quick=quick)
    return measurement.ours(Scale(scale.events, scale.warm, profile))


def _scale(measurement: Measurement, events: int, *, quick: bool) -> Scale:
    return Scale(measurement.quick_events, _WARM_QUICK) if quick else Scale(events)
