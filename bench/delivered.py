"""All the way: from the POST through relay and connector to a local program, and back to settled."""

import time
from collections.abc import Generator as Yields
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from bench import echo, sink
from bench.accept import CONNECTIONS
from bench.errors import BenchError
from bench.figures import Sample
from bench.load import Generator, Load, Report, post
from bench.measurement import Run, Scale
from bench.outcome import NS_PER_S
from bench.processor import Processor
from bench.profile import Profile
from bench.stack import Stack, Target
from bench.waiting import until
from store.ledger import counts

SIZE: Final = 1024
_PATIENCE_S: Final = 180.0


@dataclass(frozen=True, slots=True)
class _Way:
    """Everything between a sender and a local program."""

    stack: Stack
    target: Target
    port: int
    sink_port: int

    def settled(self) -> int:
        """How many deliveries are."""
        return self.stack.store.run(counts(self.target.gateway)).get("delivery:delivered", 0)

    def warm_up(self, events: int) -> None:
        """Send some events and forget them."""
        post(Load(self.port, self.target.path, SIZE, events, CONNECTIONS))
        until("the first events are settled", lambda: self.settled() == events)
        sink.ask(self.sink_port)

    def send(self, load: Load, total: int) -> tuple[Report, float]:
        """Send; what the generator saw, and the seconds until everything was settled.

        Raises:
            BenchError: not everything arrived, or something broke.
        """
        with Generator(load) as generator:

            def settled() -> bool:
                self.stack.check()
                generator.check()
                return self.settled() >= total

            until("all events are settled", settled, _PATIENCE_S)
            ended_ns = time.monotonic_ns()
            report = generator.report()
        return report, max(report.seconds, (ended_ns - report.began_ns) / NS_PER_S)

    def arrived(self, events: int) -> dict[str, float]:
        """What the local program has seen.

        Raises:
            BenchError: not each event exactly once.
        """
        seen = sink.ask(self.sink_port)
        if seen["count"] != events:
            raise BenchError(f"{events} events were sent, {seen['count']:g} arrived.")
        return seen


@contextmanager
def _way(profile: Profile | None) -> Yields[_Way]:
    with Stack(profile=profile) as stack:
        port = stack.ingress()
        stack.worker()
        stack.sweeper()
        stack.relay()
        target = stack.target()
        sink_port = stack.door("sink", "bench.sink")
        stack.connector(target, sink_port)
        yield _Way(stack, target, port, sink_port)


def settled(scale: Scale) -> Sample:
    """Events a second until the last one is settled, closed loop."""
    with _way(scale.profile) as way:
        way.warm_up(scale.warm)
        with Processor(way.stack) as processor:
            load = Load(way.port, way.target.path, SIZE, scale.events, CONNECTIONS)
            report, seconds = way.send(load, scale.warm + scale.events)
        way.arrived(scale.events)
        return Sample(
            scale.events / seconds,
            {
                "accepted_per_s": scale.events / report.seconds,
                **processor.per_event(scale.events, report),
            },
        )


def latency(rate: int) -> Run:
    """From the moment an event was due to be sent to its arrival at the local program, open loop."""

    def run(scale: Scale) -> Sample:
        with _way(scale.profile) as way:
            way.warm_up(scale.warm)
            with Processor(way.stack) as processor:
                load = Load(way.port, way.target.path, SIZE, scale.events, CONNECTIONS, rate)
                report, _ = way.send(load, scale.warm + scale.events)
            seen = way.arrived(scale.events)
            return Sample(
                seen["p99_ms"],
                {
                    "p50_ms": seen["p50_ms"],
                    "p99_ms": seen["p99_ms"],
                    "post_p50_ms": report.p50_ms,
                    "post_p99_ms": report.p99_ms,
                    "late_ms": report.late_ms,
                    **processor.per_event(scale.events, report),
                },
            )

    return run


def echoed(rate: int) -> Run:
    """There and back over a bare WebSocket, at the same rate."""

    def run(scale: Scale) -> Sample:
        with Stack() as stack:
            seen = echo.ask(stack.door("echo", "bench.echo", "serve"), SIZE, scale.events, rate)
            stack.check()
        return Sample(seen["p99_ms"], seen)

    return run
