"""The machinery: workers, sweeper and queues, as the control API shows them to operators."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from cli.checkup.row import Row, failed, judged, well
from cli.client import Json

NAMES: Final = {"events": "verify and fan out", "deliveries": "bring retries back", "git": "poll repos"}
"""What the workers of each queue do."""

_ALIVE_MS: Final = 60_000
_LATE_MS: Final = 60_000


def rows(machinery: Json, now_ms: int) -> Iterator[Row]:
    """The rows.

    Args:
        machinery: what `GET /queues` answers.
        now_ms: Unix time in milliseconds, by the clock of the server.
    """
    for queue in NAMES:
        yield _workers(queue, machinery, now_ms)
    yield judged(
        "sweeper",
        "on duty" if machinery["sweeper"] else "none is on duty",
        "" if machinery["sweeper"] else "Nothing is retried or recovered; start 'fleet run sweeper'.",
    )
    yield _suspended(machinery)
    for queue in machinery["queues"]:
        yield _age(queue, now_ms)


def _workers(queue: str, machinery: Json, now_ms: int) -> Row:
    seen = (each["seen_at"] for each in machinery["workers"] if each["queue"] == queue)
    alive = sum(now_ms - ms(at) <= _ALIVE_MS for at in seen if at)
    advice = f"They {NAMES[queue]}; start 'fleet run worker {queue}'."
    return judged(f"workers of {queue}", f"{alive} alive", "" if alive else advice)


def _suspended(machinery: Json) -> Row:
    if not machinery["suspended"]:
        return well("work", "goes on")
    until = (
        f"until {machinery['suspended_until']}" if machinery["suspended_until"] else "until somebody resumes"
    )
    return failed(
        "work", f"is suspended {until}", "Workers rest, and events wait;'fleet queues resume' ends it."
    )


def _age(queue: Json, now_ms: int) -> Row:
    name, depth, oldest = f"queue {queue['name']}", queue["depth"], queue["oldest_at"]
    if not oldest:
        return well(name, "is empty")
    late_ms = max(0, now_ms - ms(oldest))
    jobs = "one job waits" if depth == 1 else f"{depth} jobs wait, the oldest"
    finding = f"{jobs} {late_ms / 1000:.0f} s"
    advice = f"Start more of 'fleet run worker {queue['name']}', and see in their log what they do."
    return judged(name, finding, advice if late_ms > _LATE_MS else "")


def ms(moment: str) -> int:
    """A moment of the control API (RFC 3339) as Unix ms."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)
