"""The load generator, a process of its own: `python -m bench.load LOAD` answers a `Report`, both in JSON.

Closed loop: each connection sends as soon as it was answered; that measures throughput. Open loop: the
moments of sending are fixed in advance and latency counts from them, so that a server that stalls cannot
hide it by holding the generator up (coordinated omission).
"""

import dataclasses
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Self

from bench import closed_loop, open_loop
from bench.errors import BenchError
from bench.figures import percentile_ms
from bench.outcome import Outcome
from bench.request import body, request

_PATIENCE_S: Final = 300


@dataclass(frozen=True, slots=True)
class Load:
    """What to send.

    Attributes:
        port: where to, on this machine.
        path: of the URL.
        size: bytes of a body.
        requests: how many.
        connections: closed loop: how many; open loop: how many at most.
        rate: open loop: requests a second; 0: closed loop.
    """

    port: int
    path: str
    size: int
    requests: int
    connections: int
    rate: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it.

    Attributes:
        began_ns: when the first request was sent, CLOCK_MONOTONIC.
        seconds: from then to the last answer.
        p50_ms: median latency of an answer.
        p99_ms: 99th percentile of it.
        late_ms: open loop: 99th percentile of how late the generator itself was.
        cpu_s: seconds of processor time the generator took.
    """

    began_ns: int
    seconds: float
    p50_ms: float
    p99_ms: float
    late_ms: float
    cpu_s: float


class Generator:
    """A load that runs in a process of its own."""

    def __init__(self, load: Load) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            (sys.executable, "-m", "bench.load", json.dumps(dataclasses.asdict(load))),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        """It runs already."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it, should it still run."""
        self._process.kill()
        self._process.communicate()

    def check(self) -> None:
        """Make sure that it has not failed.

        Raises:
            BenchError: something else than 202 was answered, or the generator broke.
        """
        if self._process.poll():
            raise BenchError(f"The load generator failed: {self._process.communicate()[1].strip()}")

    def report(self) -> Report:
        """Wait for what came of it.

        Raises:
            BenchError: something else than 202 was answered, or the generator broke.
        """
        output, errors = self._process.communicate(timeout=_PATIENCE_S)
        if self._process.returncode:
            raise BenchError(f"The load generator failed: {errors.strip()}")
        return Report(**json.loads(output))


def post(load: Load) -> Report:
    """Run a load to its end.

    Raises:
        BenchError: something else than 202 was answered, or the generator broke.
    """
    with Generator(load) as generator:
        return generator.report()


def _run(load: Load) -> Outcome:
    if load.rate:
        return open_loop.run(
            load.port,
            load.requests,
            load.connections,
            load.rate,
            lambda due_ns: request(load.path, body(load.size, due_ns)),
        )
    prebuilt = request(load.path, body(load.size))
    return closed_loop.run(load.port, load.requests, load.connections, prebuilt)


def _report(outcome: Outcome, cpu_s: float) -> Report:
    return Report(
        outcome.began_ns,
        outcome.seconds,
        percentile_ms(outcome.latencies_ns, 50),
        percentile_ms(outcome.latencies_ns, 99),
        percentile_ms(outcome.late_ns, 99),
        cpu_s,
    )


def _main() -> None:
    started_s = time.process_time()
    outcome = _run(Load(**json.loads(sys.argv[1])))
    cpu_s = time.process_time() - started_s
    if set(outcome.statuses) != {HTTPStatus.ACCEPTED}:
        sys.exit(f"Not everything was answered 202: {dict(outcome.statuses)}")
    json.dump(dataclasses.asdict(_report(outcome, cpu_s)), sys.stdout)


if __name__ == "__main__":
    _main()
