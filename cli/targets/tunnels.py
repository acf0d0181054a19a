"""Tunnels: one for all targets at a URL, and one for each program, told of as if they were one.

A connector takes as many deliveries as it can work on. A program that works on one at a time has a tunnel
with room for one: the others wait at the relay, where another connector can take them, and hold up nobody.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace

from cli.targets.wish import Wish
from relay.connector.connector import Connector
from relay.connector.observer import Observer
from relay.connector.target import Answer, Arrival
from relay.tunnel.messages import Welcome


def grouped(wishes: Iterable[Wish], concurrency: int) -> list[tuple[int, list[Wish]]]:
    """Which wishes share a tunnel, and how many deliveries it has room for.

    Args:
        wishes: all of them.
        concurrency: of the targets that have none of their own, together.
    """
    shared = list[Wish]()
    own = list[tuple[int, list[Wish]]]()
    for wish in wishes:
        if wish.own_concurrency is None:
            shared.append(wish)
        else:
            own.append((wish.own_concurrency, [wish]))
    return [*([(concurrency, shared)] if shared else []), *own]


async def run(connectors: Sequence[Connector]) -> None:
    """Serve until all have ended. When one is refused, the others stop, too, and the refusal is raised."""
    running = [asyncio.create_task(each.run()) for each in connectors]
    try:
        await asyncio.wait(running, return_when=asyncio.FIRST_EXCEPTION)
        for each in connectors:
            each.stop()
        await asyncio.wait(running)
    finally:
        for task in running:
            task.cancel()
    for task in running:
        task.result()


class Stopping:
    """Stops all tunnels, and says once how much has to be finished first."""

    def __init__(self, connectors: Sequence[Connector], observer: Observer) -> None:
        """Nobody has asked yet.

        Args:
            connectors: one for each tunnel.
            observer: is told.
        """
        self._connectors = connectors
        self._observer = observer
        self._is_asked = False

    def stop(self) -> None:
        """Finish what is under way; when asked again, finish nothing more."""
        if not self._is_asked:
            self._is_asked = True
            self._observer.on_stopping(sum(each.under_way for each in self._connectors))
        for each in self._connectors:
            each.stop()


class Together:
    """Tells an observer of several tunnels as of one: it is open when all are."""

    def __init__(self, observer: Observer, tunnels: int) -> None:
        """None of them is open yet.

        Args:
            observer: is told.
            tunnels: how many there will be.
        """
        self.observer = observer
        self._down = set(range(tunnels))
        self._welcomes: dict[int, Welcome] = {}

    def one(self, number: int) -> Observer:
        """The observer of one of them, counted from 0."""
        return _One(self, number)

    def opened(self, number: int, welcome: Welcome) -> None:
        """One of them is open."""
        self._down.discard(number)
        self._welcomes[number] = welcome
        if not self._down:
            names = [served for _, each in sorted(self._welcomes.items()) for served in each.subscriptions]
            self.observer.on_connected(replace(welcome, subscriptions=tuple(names)))

    def lost(self, number: int) -> bool:
        """One of them is not open any more; whether it is the one that speaks for all that are down."""
        self._down.add(number)
        return number == min(self._down)


class _One(Observer):
    def __init__(self, together: Together, number: int) -> None:
        self._together = together
        self._number = number

    def on_connected(self, welcome: Welcome) -> None:
        self._together.opened(self._number, welcome)

    def on_disconnected(self, reason: str, next_try_s: float) -> None:
        if self._together.lost(self._number):
            self._together.observer.on_disconnected(reason, next_try_s)

    def on_moved(self, reason: str, next_try_s: float) -> None:
        if self._together.lost(self._number):
            self._together.observer.on_moved(reason, next_try_s)

    def on_delivery(self, arrival: Arrival, answer: Answer, duration_ms: float) -> None:
        self._together.observer.on_delivery(arrival, answer, duration_ms)
