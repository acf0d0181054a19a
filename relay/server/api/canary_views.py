"""A view of the canary: how its last walk was."""

from domain.canary import Report
from relay.server.api.views import View, moment, moment_or_none


def of_report(report: Report, now_ms: int) -> View:
    """What the canary reported, and whether the way is whole.

    Args:
        report: its last report.
        now_ms: Unix time in milliseconds.
    """
    return {
        "well": report.is_well(now_ms),
        "at": moment(report.at),
        "interval_s": report.interval_s,
        "failure": report.failure,
        "status": report.status,
        "good_at": moment_or_none(report.good_at),
        "latency_ms": report.latency_ms,
    }
