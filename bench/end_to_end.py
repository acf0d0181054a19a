"""End to end: from the first POST to the stream entry of the last delivery."""

import time
from typing import Final

from bench.accept import CONNECTIONS
from bench.figures import Sample
from bench.load import Generator, Load, post
from bench.measurement import Run, Scale
from bench.naive import STREAM
from bench.outcome import NS_PER_S
from bench.processor import Processor
from bench.stack import Stack
from bench.waiting import until
from store import keys

SIZE: Final = 1024
_PATIENCE_S: Final = 180.0


def _measured(stack: Stack, port: int, path: str, stream: str, scale: Scale) -> Sample:
    total = scale.warm + scale.events
    post(Load(port, path, SIZE, scale.warm, CONNECTIONS))
    until("the first events are in the stream", lambda: _length(stack, stream) == scale.warm)
    with (
        Processor(stack) as processor,
        Generator(Load(port, path, SIZE, scale.events, CONNECTIONS)) as generator,
    ):

        def arrived() -> bool:
            stack.check()
            generator.check()
            return _length(stack, stream) >= total

        until("all events are in the stream", arrived, _PATIENCE_S)
        ended_ns = time.monotonic_ns()
        report = generator.report()
    seconds = max(report.seconds, (ended_ns - report.began_ns) / NS_PER_S)
    return Sample(
        scale.events / seconds,
        {
            "p50_ms": report.p50_ms,
            "p99_ms": report.p99_ms,
            "accepted_per_s": scale.events / report.seconds,
            **processor.per_event(scale.events, report),
        },
    )


def _length(stack: Stack, stream: str) -> int:
    return stack.store.client.execute_command("XLEN", stream)


def ours(appendfsync: str) -> Run:
    """Ingress, one worker and the sweeper; one subscription."""

    def run(scale: Scale) -> Sample:
        with Stack(appendfsync, scale.profile) as stack:
            port = stack.ingress()
            stack.worker()
            stack.sweeper()
            target = stack.target()
            return _measured(stack, port, target.path, keys.stream(target.subscription), scale)

    return run


def naive(appendfsync: str) -> Run:
    """What one writes first: see `bench.naive`."""

    def run(scale: Scale) -> Sample:
        with Stack(appendfsync) as stack:
            port = stack.door("naive", "bench.naive", "serve", stack.redis.url)
            stack.start("naive worker", "bench.naive", "work", stack.redis.url, ready=stack.has_worker)
            return _measured(stack, port, "/t/token", STREAM, scale)

    return run
