"""What `fleet status` shows below its answers: tunnels, the ledger, what waits, a chart, queues."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.table import Table
from rich.text import Text

from cli.answers import day_and_time, printable, screen
from cli.client import Json
from cli.durations import ago
from cli.wrapping import wrapped

_BARS: Final = " ▁▂▃▄▅▆▇█"
_EVENTS: Final = (
    "accepted",
    "waiting",
    "fanned_out",
    "unmatched",
    "duplicate",
    "rejected",
    "expired",
    "set_aside",
)
_DELIVERIES: Final = (
    "created",
    "in_flight",
    "delivered",
    "refused",
    "dead",
    "discarded",
    "cancelled",
    "expired",
)
_TITLE_CHARS: Final = 12
_ALWAYS: Final = frozenset({"accepted", "waiting", "created", "in_flight", "delivered", "dead"})
"""What is shown although it is zero."""


def title(status: Json) -> str:
    """Whose status it is, and of when."""
    gateway = status["gateway"]
    return f"Gateway {gateway['name']} ({gateway['id']})  {day_and_time(status['now'])}"


def blocks(status: Json, now_ms: int) -> Iterator[Table | Text]:
    """The rest of the screen, block by block."""
    yield _ledger("Events", _counts(status["events"], _EVENTS))
    yield _ledger("Deliveries", _counts(status["deliveries"], _DELIVERIES))
    yield Text()
    yield _chart(status["chart"]["hour"])
    if status["tunnels"]:
        yield Text()
        yield _table(
            ("TUNNEL", "ADDRESS", "VERSION", "ROUND TRIP", "CONNECTED", "SERVES"),
            [_tunnel(each, now_ms) for each in status["tunnels"]],
        )
    if waiting := [each for each in status["subscriptions"] if each["waiting"] or each["in_tunnel"]]:
        yield Text()
        rows = [_subscription(each, now_ms) for each in waiting]
        yield _table(("SUBSCRIPTION", "WAITING", "IN A TUNNEL", "OLDEST"), rows)
    if (server := status["server"]) is not None:
        yield Text()
        rows = [_queue(each, server["workers"], now_ms) for each in server["queues"]]
        yield _table(("QUEUE", "WAITING", "OLDEST", "FAILED", "WORKERS"), rows)


def _ledger(title: str, counts: str) -> Text:
    """Counts behind their title, below each other where the screen is narrow."""
    return Text(f"\n{'':<{_TITLE_CHARS}}".join(_lines_of(title, counts)))


def _lines_of(title: str, counts: str) -> list[str]:
    first, *others = wrapped(counts, screen().width - _TITLE_CHARS)
    return [f"{title:<{_TITLE_CHARS}}{first}", *others]


def _counts(counts: Json, names: Sequence[str]) -> str:
    shown = (name for name in names if counts[name] or name in _ALWAYS)
    return ", ".join(f"{counts[name]} {name.replace('_', ' ')}" for name in shown)


def _chart(minutes: list[Json]) -> Table:
    """A line for each count of the last hour, a character a minute, the newest at the right."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for _ in range(3):
        table.add_column(no_wrap=True)
    highest = max((each[name] for each in minutes for name in ("accepted", "delivered", "failed")), default=0)
    for name in ("accepted", "delivered", "failed"):
        numbers = [each[name] for each in minutes]
        style = "red" if name == "failed" and any(numbers) else ""
        line = "".join(_bar(number, highest) for number in numbers)
        table.add_row(Text(f"{name:<10}"), Text(line, style=style), Text(f"{sum(numbers)} in the last hour"))
    return table


def _bar(number: int, highest: int) -> str:
    """The height of one minute; what is not zero is never invisible."""
    if not number:
        return "·"
    return _BARS[max(1, number * (len(_BARS) - 1) // highest)]


def _tunnel(tunnel: Json, now_ms: int) -> tuple[object, ...]:
    trip = tunnel["round_trip_ms"]
    return (
        tunnel["name"],
        tunnel["address"],
        tunnel["version"],
        "-" if trip is None else f"{trip:g} ms",
        ago(tunnel["connected_at"], now_ms),
        ", ".join(tunnel["subscriptions"]),
    )


def _subscription(subscription: Json, now_ms: int) -> tuple[object, ...]:
    oldest = ago(subscription["oldest_at"], now_ms) if subscription["oldest_at"] else "-"
    return subscription["name"], subscription["waiting"], subscription["in_tunnel"], oldest


def _queue(queue: Json, workers: list[Json], now_ms: int) -> tuple[object, ...]:
    states = [each["state"] for each in workers if each["queue"] == queue["name"]]
    told = ", ".join(f"{states.count(each)} {each}" for each in dict.fromkeys(states))
    oldest = ago(queue["oldest_at"], now_ms) if queue["oldest_at"] else "-"
    return queue["name"], queue["depth"], oldest, queue["failed"], told or "NONE"


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(str(value))) for value in row))
    return table
