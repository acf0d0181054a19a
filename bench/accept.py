"""Accepting: how many POSTs a second are answered 202. No worker runs: the ingress and Redis alone."""

from typing import Final

from bench.figures import Sample
from bench.load import Load, post
from bench.measurement import Run, Scale
from bench.processor import Processor
from bench.stack import Stack

CONNECTIONS: Final = 64


def _measured(stack: Stack, port: int, path: str, size: int, scale: Scale) -> Sample:
    post(Load(port, path, size, scale.warm, CONNECTIONS))
    with Processor(stack) as processor:
        report = post(Load(port, path, size, scale.events, CONNECTIONS))
    stack.check()
    return Sample(
        scale.events / report.seconds,
        {
            "p50_ms": report.p50_ms,
            "p99_ms": report.p99_ms,
            **processor.per_event(scale.events, report),
        },
    )


def ours(appendfsync: str, size: int) -> Run:
    """Our ingress, with bodies of `size` bytes."""

    def run(scale: Scale) -> Sample:
        with Stack(appendfsync, scale.profile) as stack:
            port = stack.ingress()
            return _measured(stack, port, stack.target().path, size, scale)

    return run


def bare(size: int) -> Run:
    """A handler that reads the body and answers."""

    def run(scale: Scale) -> Sample:
        with Stack() as stack:
            return _measured(stack, stack.door("bare", "bench.bare"), "/t/token", size, scale)

    return run
