"""How a gateway stands: its counters, what waits there and for how long, what happened lately."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from store import activity, failures, ledger, queues, streams
from store.activity import Chart
from store.calls import Call, Reply, one, text, together
from store.queues import Suspension
from store.scripts import load
from store.streams import Backlog


@dataclass(frozen=True, slots=True)
class Standing:
    """How a gateway stands. Times are Unix ms, None where there is nothing.

    Attributes:
        counts: its ledger.
        dead: deliveries that are dead and can be retried.
        retrying: deliveries that wait for their next attempt.
        next_retry_at: when the first of them is due; in the past, when it is late.
        oldest_waiting_at: when the first event came that still waits, as far as the event log has it.
        backlogs: what waits for each subscription.
        chart: what happened in the last hour and day.
        suspension: whether workers pause.
        paused: names of the webhooks that accept nothing for the time being.
    """

    counts: Mapping[str, int]
    dead: int
    retrying: int
    next_retry_at: int | None
    oldest_waiting_at: int | None
    backlogs: Sequence[Backlog]
    chart: Chart
    suspension: Suspension
    paused: Sequence[str]


def of(gateway: str, now_ms: int) -> Call[Standing]:
    """How a gateway stands now."""
    calls: list[Call[Reply]] = [
        ledger.counts(gateway),
        failures.totals(gateway),
        one(load("read_next_retry").command(gateway), _moment),
        one(load("read_oldest_waiting").command(gateway), _moment),
        streams.backlogs(gateway),
        activity.chart(gateway, now_ms),
        queues.suspension(),
        one(load("read_paused").command(gateway), lambda reply: [text(name) for name in reply]),
    ]

    def standing(parts: Sequence[Reply]) -> Standing:
        counts, totals, *others = parts
        return Standing(counts, totals["dead"], totals["retrying"], *others)

    return together(calls).then(standing)


def _moment(reply: Reply) -> int | None:
    return int(reply) if reply else None
