"""What a report of the canary says, and for how long."""

from dataclasses import replace

from domain.canary import BOUND_S, Failure, Report

NOW = 1_800_000_000_000
GOOD = Report(NOW, 60, good_at=NOW, latency_ms=5.0)
OVERDUE_MS = round((60 + 2 * BOUND_S) * 1000)


def test_who_came_back_is_well_until_the_next_report_is_overdue() -> None:
    assert GOOD.is_well(NOW)
    assert GOOD.is_well(NOW + OVERDUE_MS)
    assert not GOOD.is_well(NOW + OVERDUE_MS + 1)


def test_who_did_not_come_back_is_not_well() -> None:
    found = replace(GOOD, failure=Failure.LOST)
    assert found.is_fresh(NOW)
    assert not found.is_well(NOW)
