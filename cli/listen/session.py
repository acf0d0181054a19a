"""A session of listening: a tunnel that is kept, through ends of its subscription, until it is stopped."""

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cli.client import ApiError, ControlApi, Json
from cli.durations import unix_ms
from cli.listen.patient_target import PatientTarget
from cli.listen.subscribing import Subscribed
from cli.listen.telling import Teller
from cli.listen.watching import Watch
from cli.surroundings import clock_ms, dice
from relay.connector.connector import Connector, ConnectorConfig
from relay.connector.errors import TunnelRefusedError
from relay.connector.observer import Observer
from relay.connector.target import Answer, Arrival
from relay.connector.targets.http import HttpOptions, HttpTarget, new_session
from relay.tunnel.messages import Welcome
from relay.tunnel.problem import ProblemCode
from store.tasks import end

_CALM_S: Final = 10.0
"""A subscription that ends sooner than this after it was made was removed by somebody who means it."""

_LONG_MS: Final = 10_000
"""What came less long ago did not wait for us: it just came."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a session is given.

    Attributes:
        config: of the tunnel.
        api: the control API; asked in threads, so its patience is short.
        teller: is told what happens.
        subscribed: the subscription.
        url: where events are brought.
        options: how.
        hooks: the webhooks, as the control API told them.
        relay_clock_ms: Unix time in milliseconds, as the relay has it.
    """

    config: ConnectorConfig
    api: ControlApi
    teller: Teller
    subscribed: Subscribed
    url: str
    options: HttpOptions
    hooks: tuple[Json, ...]
    relay_clock_ms: Callable[[], int]


class Session:
    """Brings events of one subscription after the other to one program."""

    def __init__(self, plan: Plan, observer: Observer) -> None:
        """Not begun yet.

        Args:
            plan: what it is given.
            observer: is told of the tunnel.
        """
        self._plan = plan
        self._observer = _Greeter(observer, self._tell_backlog)
        self._connector: Connector | None = None
        self._target: PatientTarget | None = None
        self._is_stopping = False
        self._courtesies: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Take nothing new, finish what is under way; then `run` returns."""
        if self._connector is not None and not self._is_stopping:
            self._observer.on_stopping(self._connector.under_way)
        self._is_stopping = True
        if self._target is not None:
            self._target.stop()
        if self._connector is not None:
            self._connector.stop()

    async def run(self) -> None:
        """Listen until stopped.

        Raises:
            TunnelRefusedError: the relay refuses the tunnel for good.
            ApiError: there can be no other subscription.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self.stop)
        plan = self._plan
        watch = Watch(plan.api, plan.teller, plan.hooks, plan.relay_clock_ms)
        watching = asyncio.create_task(watch.run())
        try:
            async with new_session(plan.config.concurrency) as session:
                http = HttpTarget(session, plan.url, clock_ms, plan.options)
                self._target = PatientTarget(http, self._nobody_there, self._somebody_there)
                while not self._is_stopping:
                    await self._hold_tunnel(self._target)
        finally:
            await end([watching, *self._courtesies])

    async def _hold_tunnel(self, target: PatientTarget) -> None:
        """Hold a tunnel until stopped, or until its subscription has ended; then there is another one."""
        began = asyncio.get_running_loop().time()
        plan = self._plan
        targets = {plan.subscribed.name: target}
        self._connector = Connector(plan.config, targets, self._observer, clock_ms, dice, os.urandom)
        try:
            await self._connector.run()
        except TunnelRefusedError as error:
            is_over = asyncio.get_running_loop().time() - began >= _CALM_S
            if error.code is not ProblemCode.UNKNOWN_SUBSCRIPTION or not is_over or self._is_stopping:
                raise
        else:
            return
        await asyncio.to_thread(plan.subscribed.renew)
        plan.teller.renewed(plan.subscribed.name)

    def _tell_backlog(self) -> None:
        task = asyncio.create_task(self._look_for_backlog())
        self._courtesies.add(task)
        task.add_done_callback(self._courtesies.discard)

    async def _look_for_backlog(self) -> None:
        plan = self._plan
        try:
            status = await asyncio.to_thread(plan.api.ask, "GET", "status")
        except ApiError:
            return  # it is a courtesy; the tunnel says what is wrong
        if count := backlog_of(status, plan.subscribed.name, plan.relay_clock_ms()):
            plan.teller.backlog(count)

    def _nobody_there(self) -> None:
        self._plan.teller.nobody_there(self._plan.url)

    def _somebody_there(self) -> None:
        self._plan.teller.somebody_there(self._plan.url)


def backlog_of(status: Json, subscription: str, now_ms: int) -> int:
    """How many events have waited for a subscription; 0 when none has waited for long.

    Args:
        status: as `GET /status` tells it.
        subscription: its name.
        now_ms: Unix time in milliseconds, of the relay.
    """
    for row in status["subscriptions"]:
        if row["name"] == subscription and row["oldest_at"]:
            is_old = now_ms - unix_ms(row["oldest_at"]) >= _LONG_MS
            return int(row["waiting"] + row["in_tunnel"]) if is_old else 0
    return 0


class _Greeter(Observer):
    """Passes on what happens, and asks what has waited as soon as a tunnel is open."""

    def __init__(self, observer: Observer, on_open: Callable[[], None]) -> None:
        self._observer = observer
        self._on_open = on_open

    def on_connected(self, welcome: Welcome) -> None:
        """The tunnel is open."""
        self._observer.on_connected(welcome)
        self._on_open()

    def on_disconnected(self, reason: str, next_try_s: float) -> None:
        """There is no tunnel."""
        self._observer.on_disconnected(reason, next_try_s)

    def on_moved(self, reason: str, next_try_s: float) -> None:
        """The relay asked to connect again."""
        self._observer.on_moved(reason, next_try_s)

    def on_stopping(self, under_way: int) -> None:
        """It was asked to stop, and finishes what is under way."""
        self._observer.on_stopping(under_way)

    def on_delivery(self, arrival: Arrival, answer: Answer, duration_ms: float) -> None:
        """An attempt has ended."""
        self._observer.on_delivery(arrival, answer, duration_ms)
