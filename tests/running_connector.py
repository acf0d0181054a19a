"""A real connector in the loop of one test, what it did, and the targets it brings deliveries to."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from domain.delivery import Outcome
from relay.connector.connector import Connector, ConnectorConfig
from relay.connector.network import Network
from relay.connector.observer import Observer
from relay.connector.target import Answer, Arrival, KeepAlive, Target
from relay.connector.targets.http import HttpTarget, new_session
from relay.tunnel.messages import Welcome
from tests.tenant import clock_ms
from tests.waiting import until


@dataclass
class Recorder(Observer):
    """Remembers what a connector did."""

    welcomes: list[Welcome] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    moves: list[float] = field(default_factory=list)
    attempts: list[tuple[Arrival, Answer]] = field(default_factory=list)

    def on_connected(self, welcome: Welcome) -> None:
        self.welcomes.append(welcome)

    def on_disconnected(self, reason: str, next_try_s: float) -> None:
        assert 0 < next_try_s <= 30
        self.losses.append(reason)
        self.pauses.append(next_try_s)

    def on_moved(self, reason: str, next_try_s: float) -> None:
        assert reason == "This relay is stopping; connect again."
        self.moves.append(next_try_s)

    def on_delivery(self, arrival: Arrival, answer: Answer, duration_ms: float) -> None:
        assert duration_ms >= 0
        self.attempts.append((arrival, answer))


@dataclass
class Running:
    """A connector at work."""

    connector: Connector
    recorder: Recorder
    task: asyncio.Task[None]

    async def stop(self) -> None:
        self.connector.stop()
        await self.task

    async def connected(self, times: int = 1) -> None:
        await until(lambda: len(self.recorder.welcomes) >= times)

    async def attempted(self, count: int) -> list[tuple[Arrival, Answer]]:
        await until(lambda: len(self.recorder.attempts) >= count)
        return self.recorder.attempts


@asynccontextmanager
async def connector(
    port: int,
    token: str,
    targets: Mapping[str, Target],
    *,
    scheme: str = "http",
    clock_ms: Callable[[], int] = clock_ms,
    network: Network | None = None,
    **changes: Any,
) -> AsyncGenerator[Running]:
    """A connector; what is left of it at the end is cancelled."""
    config = ConnectorConfig(f"{scheme}://127.0.0.1:{port}", token, **changes)
    recorder = Recorder()
    made = Connector(config, targets, recorder, clock_ms, lambda: 0.5, os.urandom, network or Network())
    running = Running(made, recorder, asyncio.create_task(made.run()))
    try:
        yield running
    finally:
        running.task.cancel()
        await asyncio.wait([running.task])


@asynccontextmanager
async def http_targets(**urls: str) -> AsyncIterator[dict[str, Target]]:
    async with new_session(16) as session:
        yield {name: HttpTarget(session, url, clock_ms) for name, url in urls.items()}


class Scripted:
    """A target that answers what it is told to, once its gate is open, and counts what is under way."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers) or [Answer(Outcome.DELIVERED, "done")]
        self.arrivals: list[Arrival] = []
        self.under_way = 0
        self.most = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def deliver(self, arrival: Arrival, keep_alive: KeepAlive) -> Answer:
        del keep_alive
        self.arrivals.append(arrival)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.gate.wait()
        # An open gate does not yield; the others get their turn, or nothing would ever be under way at once.
        await asyncio.sleep(0)
        self.under_way -= 1
        return self.answers[min(len(self.arrivals), len(self.answers)) - 1]
