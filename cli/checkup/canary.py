"""The canary's last walk, as a row; and what to do about each way in which it may be lost."""

from typing import Final

from cli.checkup.row import Row, failed, unchecked, well
from domain.canary import Failure, Report

CHECK: Final = "canary"
_ADVICE: Final = {
    Failure.RELAY_AWAY: "The control API does not answer it: see whether the relay runs, and FLEET_API_URL.",
    Failure.TOKEN_REFUSED: (
        "'fleet gateways renew canary' makes a new token; put it into the file canary-token of its secrets"
        " folder."
    ),
    Failure.NO_TUNNEL: "See whether the relay runs, and whether WebSockets get through to it.",
    Failure.UNREACHABLE: "Nobody answers it at FLEET_PUBLIC_URL: look at DNS, proxy, firewall and ingress.",
    Failure.DISTRUSTED: "Renew the certificate; if a CA of your own issued it, set FLEET_CA_FILE.",
    Failure.NOT_ACCEPTED: "See what answers at FLEET_PUBLIC_URL, and why it refuses.",
    Failure.LOST: "It was accepted, then it was lost on the way: see the workers and the queues.",
    Failure.UNVERIFIED: (
        "Somebody changed its webhook; 'fleet webhooks delete canary', with its token, has it made anew."
    ),
}
_SILENT: Final = "It is not running, or cannot reach Redis; see its log."


def row(report: Report | None, interval_s: int, now_ms: int) -> Row:
    """What the canary says.

    Args:
        report: its last report; None: there is none.
        interval_s: how often it is to walk, as far as the settings here say; 0: not at all.
        now_ms: Unix time in milliseconds.
    """
    if report is None:
        if interval_s:
            return failed(CHECK, "has not reported", _SILENT)
        return unchecked(CHECK, "there is none", "FLEET_CANARY_INTERVAL=60 has an event walk the whole way.")
    ago_s = max(0, now_ms - report.at) / 1000
    if not report.is_fresh(now_ms):
        return failed(CHECK, f"its last report is {ago_s:.0f} s old", _SILENT)
    if report.failure is None:
        return well(CHECK, f"came back {ago_s:.0f} s ago, after {report.latency_ms:.0f} ms")
    status = f" ({report.status})" if report.status else ""
    since = (
        "never came back"
        if report.good_at is None
        else f"not back for {(now_ms - report.good_at) / 1000:.0f} s"
    )
    return failed(CHECK, f"{since}: {report.failure}{status}", _ADVICE[report.failure])
