"""Fairness: how long the few events of one gateway take while another gateway floods the same server."""

import time
from http import HTTPStatus
from typing import Final

from bench import closed_loop
from bench.accept import CONNECTIONS
from bench.end_to_end import SIZE
from bench.errors import BenchError
from bench.figures import Sample, percentile_ms
from bench.load import Generator, Load, post
from bench.measurement import Scale
from bench.outcome import NS_PER_S
from bench.request import body, request
from bench.stack import Stack
from bench.waiting import until
from store import keys
from store.ledger import counts

_ALONE: Final = 6
"""Events when nobody floods: one a second, so seconds as well."""

_PATIENCE_S: Final = 120.0


class _Small:
    """The gateway that sends one event a second, and how long each took."""

    def __init__(self, stack: Stack, port: int) -> None:
        self._stack = stack
        self._port = port
        self._target = stack.target("small")
        self._times_ns: list[int] = []

    def send(self) -> None:
        """Send one and wait for its delivery in the stream; take a second in all.

        Raises:
            BenchError: it was refused, or does not arrive.
        """
        began_ns = time.monotonic_ns()
        outcome = closed_loop.run(self._port, 1, 1, request(self._target.path, body(SIZE)))
        if set(outcome.statuses) != {HTTPStatus.ACCEPTED}:
            raise BenchError(f"The event was not answered 202: {dict(outcome.statuses)}")
        until("the event is in its stream", self._has_arrived, _PATIENCE_S)
        took_ns = time.monotonic_ns() - began_ns
        self._times_ns.append(took_ns)
        time.sleep(max(0, NS_PER_S - took_ns) / NS_PER_S)

    def _has_arrived(self) -> bool:
        stream = keys.stream(self._target.subscription)
        return self._stack.store.client.execute_command("XLEN", stream) > len(self._times_ns)

    def sample(self) -> Sample:
        """What came of it."""
        times = self._times_ns
        details = {
            "p50_ms": percentile_ms(times, 50),
            "p99_ms": percentile_ms(times, 99),
            "events": len(times),
        }
        return Sample(details["p99_ms"], details)


def flooded(scale: Scale) -> Sample:
    """While another gateway has a backlog, and sends as fast as it is answered at first."""
    with Stack(profile=scale.profile) as stack:
        port = stack.ingress()
        small, flooding = _Small(stack, port), stack.target("flooding")
        # A flood that is slow to begin is none: some of it waits before the worker is there.
        post(Load(port, flooding.path, SIZE, scale.events // 2, CONNECTIONS))
        stack.worker()
        stack.sweeper()
        with Generator(Load(port, flooding.path, SIZE, scale.events // 2, CONNECTIONS)) as generator:
            while stack.store.run(counts(flooding.gateway)).get("event:waiting", 0):
                small.send()
                stack.check()
                generator.check()
            generator.report()
        return small.sample()


def quiet(scale: Scale) -> Sample:
    """Alone."""
    with Stack(profile=scale.profile) as stack:
        port = stack.ingress()
        stack.worker()
        stack.sweeper()
        small = _Small(stack, port)
        for _ in range(_ALONE):
            small.send()
        return small.sample()
