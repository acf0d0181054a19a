"""The landing: the far end of the canary's tunnel, where its events arrive."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final

from domain.canary import Failure
from domain.delivery import Outcome
from domain.errors import InvalidInputError
from relay.canary.walk import LostError, walk_of
from relay.connector.connector import Connector, ConnectorConfig
from relay.connector.errors import TunnelRefusedError
from relay.connector.observer import Observer
from relay.connector.target import Answer, Arrival, KeepAlive
from relay.tunnel.messages import Welcome
from store.tasks import end

_GOODBYE_S: Final = 3.0


class Landing(Observer):
    """A connector with a single target that takes whatever comes, and tells when it is what is waited for."""

    def __init__(
        self,
        config: ConnectorConfig,
        clock_ms: Callable[[], int],
        dice: Callable[[], float],
        entropy: Callable[[int], bytes],
    ) -> None:
        """A landing without a tunnel.

        Args:
            config: how its connector is set up.
            clock_ms: Unix time in milliseconds.
            dice: a random number in [0, 1), for jitter.
            entropy: that many unguessable bytes.
        """
        self._config = replace(config, concurrency=1)
        self._sources = (clock_ms, dice, entropy)
        self._connected = asyncio.Event()
        self._awaited: dict[str, asyncio.Future[bool]] = {}
        self._connector: Connector | None = None
        self._serving: asyncio.Task[None] | None = None

    def on_connected(self, welcome: Welcome) -> None:
        """The tunnel is open."""
        del welcome
        self._connected.set()

    def on_disconnected(self, reason: str, next_try_s: float) -> None:
        """There is no tunnel."""
        del reason, next_try_s
        self._connected.clear()

    async def deliver(self, arrival: Arrival, keep_alive: KeepAlive) -> Answer:
        """Take an event. One from an earlier walk, or an earlier process, is settled by this, too."""
        del keep_alive
        awaited = self._awaited.get(walk_of(arrival.request) or "")
        if awaited is not None and not awaited.done():
            awaited.set_result(bool(arrival.scheme))
        return Answer(Outcome.DELIVERED)

    async def opened(self, subscription: str) -> None:
        """Wait until a tunnel is open that serves a subscription.

        Raises:
            LostError: it is refused.
        """
        if self._serving is None or self._serving.done():
            self._connected.clear()
            self._serving = asyncio.create_task(self._serve({subscription: self}))
        waiting = asyncio.create_task(self._connected.wait())
        try:
            await asyncio.wait({waiting, self._serving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end([waiting])
        if not self._connected.is_set():
            raise LostError(Failure.NO_TUNNEL)

    async def _serve(self, targets: "Mapping[str, Landing]") -> None:
        # Refused: whoever waits for the tunnel sees that nobody holds it any more, and tries again later.
        with suppress(TunnelRefusedError, InvalidInputError):
            self._connector = Connector(self._config, targets, self, *self._sources)
            await self._connector.run()
        self._connected.clear()

    def expect(self, walk: str) -> asyncio.Future[bool]:
        """What is done when the event of this walk has come: whether anything had verified it."""
        awaited: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._awaited = {walk: awaited}
        return awaited

    async def close(self) -> None:
        """Say goodbye and close the tunnel."""
        if self._connector is not None:
            self._connector.stop()
        if self._serving is not None:
            await asyncio.wait({self._serving}, timeout=_GOODBYE_S)
            await end([self._serving])
