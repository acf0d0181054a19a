"""Every measurement, with its aim: from the issues, and from figures measured before the first line."""

from typing import Final

from bench import (
    accept,
    delivered,
    end_to_end,
    fairness,
    memory,
    pages,
    polls,
    retries,
    tunnels,
    verification,
)
from bench.measurement import Measurement

_KIB: Final = 1024
_LARGE: Final = 100 * _KIB
_SECONDS: Final = 10


def _accept(name: str, title: str, appendfsync: str, size: int, events: int, aim: float) -> Measurement:
    return Measurement(
        name=name,
        title=title,
        kind="rate",
        unit="req/s",
        ours=accept.ours(appendfsync, size),
        events=events,
        aim=aim,
        reference=accept.bare(size),
        reference_name="bare ASGI handler",
        quick_events=500,
    )


def _end_to_end(appendfsync: str) -> Measurement:
    return Measurement(
        name=f"end-to-end-{appendfsync}",
        title=f"POST to stream entry, {appendfsync}",
        kind="rate",
        unit="events/s",
        ours=end_to_end.ours(appendfsync),
        events=30_000,
        aim=20,
        reference=end_to_end.naive(appendfsync),
        reference_name="naive RQ",
        reference_events=2000,
    )


def _latency(rate: int) -> Measurement:
    return Measurement(
        name=f"latency-{rate}",
        title=f"POST to local program at {rate:,}/s",
        kind="latency",
        unit="ms",
        ours=delivered.latency(rate),
        events=rate * _SECONDS,
        reference=delivered.echoed(rate),
        reference_name="bare WebSocket echo",
    )


def _verify(sender: str) -> Measurement:
    return Measurement(
        name=f"verify-{sender}",
        title=f"verify() for {sender}, 10 KiB",
        kind="rate",
        unit="verdicts/s",
        ours=verification.ours(sender),
        events=50_000,
        aim=0.5,
        reference=verification.bare,
        reference_name="bare HMAC",
        quick_events=5000,
    )


_ALL: Final = (
    _accept("accept-always", "accept 1 KiB, c=64, always (default)", "always", _KIB, 30_000, 0.3),
    _accept("accept-everysec", "accept 1 KiB, c=64, everysec", "everysec", _KIB, 30_000, 0.45),
    _accept("accept-100k-always", "accept 100 KiB, c=64, always (default)", "always", _LARGE, 5000, 0.4),
    _accept("accept-100k-everysec", "accept 100 KiB, c=64, everysec", "everysec", _LARGE, 5000, 0.4),
    _end_to_end("always"),
    _end_to_end("everysec"),
    Measurement(
        name="settled",
        title="POST to settled, always (default)",
        kind="rate",
        unit="events/s",
        ours=delivered.settled,
        events=20_000,
    ),
    _latency(100),
    _latency(1000),
    Measurement(
        name="fairness",
        title="POST to stream, 1/s, while another gateway floods",
        kind="latency",
        unit="ms",
        ours=fairness.flooded,
        events=30_000,
        reference=fairness.quiet,
        reference_name="nobody floods",
        quick_events=2000,
    ),
    Measurement(
        name="polls",
        title="polls of Git repositories that stand where they stood",
        kind="rate",
        unit="polls/s",
        ours=polls.ours,
        events=5000,
        reference=polls.bare,
        reference_name="the request alone",
        quick_events=200,
        notes=polls.notes,
    ),
    _verify("github"),
    _verify("stripe"),
    _verify("slack"),
    Measurement(
        name="memory",
        title="Redis memory per waiting event of 1 KiB",
        kind="size",
        unit="bytes",
        ours=memory.waiting,
        events=20_000,
        aim=3 * _KIB,
        quick_events=2000,
    ),
    Measurement(
        name="memory-logged",
        title="Redis memory per event in the event log, half of them delivered",
        kind="size",
        unit="bytes",
        ours=memory.logged,
        events=20_000,
        aim=2 * _KIB,
        quick_events=2000,
    ),
    Measurement(
        name="tunnels",
        title="memory of a relay for each idle tunnel",
        kind="size",
        unit="KiB",
        ours=tunnels.idle,
        events=5000,
        quick_events=100,
        notes=tunnels.notes,
    ),
    Measurement(
        name="retry-all",
        title="`fleet deliveries retry --all`, until the last one arrived",
        kind="rate",
        unit="deliveries/s",
        ours=retries.ours,
        events=10_000,
        quick_events=300,
    ),
    Measurement(
        name="pages",
        title="slowest page, p95: 1,000 webhooks, 100,000 events, 10,000 dead",
        kind="size",
        unit="ms",
        ours=pages.slowest,
        events=100_000,
        aim=200,
        quick_events=1000,
        notes=pages.notes,
    ),
)

MEASUREMENTS: Final = {measurement.name: measurement for measurement in _ALL}
"""Every measurement by its name."""
