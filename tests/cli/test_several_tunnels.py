"""Several tunnels of one command: each program has room of its own, and people are told of all as of one."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from cli.targets.tunnels import Stopping, Together, grouped, run
from cli.targets.wish import HttpWish, ProgramWish, Wish
from relay.connector.connector import Connector
from relay.connector.observer import Observer
from relay.tunnel.messages import Served, Welcome
from tests.run_programs import shell


class Told(Observer):
    def __init__(self) -> None:
        self.said: list[str] = []

    def on_stopping(self, under_way: int) -> None:
        self.said.append(f"stopping {under_way}")

    def on_connected(self, welcome: Welcome) -> None:
        self.said.append("up " + " ".join(served.name for served in welcome.subscriptions))

    def on_disconnected(self, reason: str, next_try_s: float) -> None:
        self.said.append(f"down {reason} {next_try_s}")

    def on_moved(self, reason: str, next_try_s: float) -> None:
        self.said.append(f"moved {reason} {next_try_s}")


def welcome(*names: str) -> Welcome:
    return Welcome("ses", 15, 15, tuple(Served(name, f"sub_{name}", 30) for name in names))


def test_programs_have_tunnels_of_their_own() -> None:
    app, other = Wish("app", HttpWish("http://x")), Wish("other", HttpWish("http://y"))
    ci = Wish("ci", ProgramWish(shell("true", concurrency=2, directory=Path("/"))))
    assert grouped([app, ci, other], 16) == [(16, [app, other]), (2, [ci])]
    assert grouped([ci], 16) == [(2, [ci])]


class Busy(Connector):
    def __init__(self, attempts: int) -> None:  # pyright: ignore[reportMissingSuperCall]
        self.stops = 0
        self._count = attempts

    @property
    def under_way(self) -> int:
        return self._count

    def stop(self) -> None:
        self.stops += 1


def test_a_stop_counts_what_all_have_under_way_and_says_it_once() -> None:
    told, busy = Told(), [Busy(2), Busy(0), Busy(1)]
    stopping = Stopping(busy, told)
    stopping.stop()
    stopping.stop()
    assert told.said == ["stopping 3"]
    assert [each.stops for each in busy] == [2, 2, 2]


def test_one_word_is_said_of_all() -> None:
    told = Told()
    together = Together(told, 2)
    first, second = together.one(0), together.one(1)
    second.on_disconnected("away", 0.1)
    first.on_disconnected("away", 0.2)
    first.on_connected(welcome("app"))
    assert told.said == ["down away 0.2"]
    second.on_connected(welcome("ci", "review"))
    assert told.said[1:] == ["up app ci review"]
    second.on_moved("stopping", 0.1)
    first.on_moved("stopping", 0.1)
    second.on_disconnected("away", 0.1)
    assert told.said[2:] == ["moved stopping 0.1", "moved stopping 0.1"]
    first.on_connected(welcome("app"))
    second.on_disconnected("away", 0.4)
    second.on_connected(welcome("ci", "review"))
    assert told.said[4:] == ["down away 0.4", "up app ci review"]


class Stoppable:
    def __init__(self, error: Exception | None = None) -> None:
        self.stopped = asyncio.Event()
        self.error = error
        self.has_ended = False

    def stop(self) -> None:
        self.stopped.set()

    async def run(self) -> None:
        if self.error:
            raise self.error
        await self.stopped.wait()
        self.has_ended = True


async def test_when_one_is_refused_the_others_stop() -> None:
    others: list[Any] = [Stoppable(), Stoppable()]
    with pytest.raises(ValueError, match="refused"):
        await run([others[0], Stoppable(ValueError("refused")), others[1]])
    assert all(each.has_ended for each in others)
