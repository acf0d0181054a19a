"""The canary's report in Redis."""

import pytest

from domain.canary import Failure, Report
from store import canary
from tests.world import World

REPORTS = [
    Report(1, 60.0),
    Report(2, 60.0, good_at=2, latency_ms=4.5),
    Report(3, 0.5, Failure.NOT_ACCEPTED, status=503, good_at=2, latency_ms=4.5),
]


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_is_read_as_it_was_kept(world: World, report: Report) -> None:
    world.run(canary.keep(report))
    assert world.run(canary.last()) == report


def test_without_a_canary_there_is_none(world: World) -> None:
    assert world.run(canary.last()) is None


@pytest.mark.parametrize(("interval_s", "life_s"), [(1, 3600), (1200, 3600), (3600, 10_800)])
def test_a_report_ends_by_itself(world: World, interval_s: float, life_s: int) -> None:
    world.run(canary.keep(Report(1, interval_s)))
    assert world.command("TTL", "fleet:canary") == life_s
