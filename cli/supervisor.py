"""The supervisor: keeps services running on this machine, and leaves nothing behind.

```
async with Supervisor(services, Terminal(sys.stderr)) as running:
    ...
    await running.wait()
```

Services start in order, each when the one before is up; one that ends is started again, with back-off; they
stop in reverse order. SIGINT, SIGTERM or SIGHUP ends the block, quietly; a second one kills what still runs.
"""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from cli.child import Child
from cli.output import Output
from cli.service import Service, StartError, StartInterruptedError

__all__ = ["BackOff", "Service", "StartError", "StartInterruptedError", "Supervisor"]

OWN_NAME: Final = "fleet"
"""The name in front of the supervisor's own lines."""
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_READY_POLL_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait before a service that ended by itself is started again.

    Attributes:
        first_s: seconds before the first start.
        most_s: seconds the doubling pause never exceeds.
        healthy_s: seconds of life after which an end counts as the first one again.
    """

    first_s: float = 0.1
    most_s: float = 5.0
    healthy_s: float = 10.0

    def pause_s(self, ends: int) -> float:
        """Seconds to wait after so many ends in a row."""
        return min(self.most_s, self.first_s * 2 ** min(ends - 1, 30))


class Supervisor:
    """Keeps services running between entering and leaving its block."""

    def __init__(self, services: Sequence[Service], output: Output, back_off: BackOff | None = None) -> None:
        self._services = tuple(services)
        self._output = output
        self._back_off = back_off or BackOff()
        self._children: dict[str, Child] = {}
        self._restarts = {service.name: 0 for service in services}
        self._keepers: list[asyncio.Task[None]] = []
        self._hurry = asyncio.Event()
        self._heard: list[signal.Signals] = []
        self._owner: asyncio.Task[object] | None = None
        self._cancellations = 0
        self._interrupted = False
        self._leaving = False

    @property
    def interrupted(self) -> bool:
        """Whether a signal asked to stop."""
        return self._interrupted

    def pid(self, name: str) -> int | None:
        """The process id of a service; None while it is being started again."""
        return self._children[name].pid

    def restarts(self, name: str) -> int:
        """How often a service was started again."""
        return self._restarts[name]

    async def add(self, service: Service) -> None:
        """Starts one more service, once it is known what it needs; returns when it is up.

        Raises:
            StartError: it did not come up.
        """
        self._restarts[service.name] = 0
        await self._bring_up(service)

    async def wait(self) -> None:
        """Waits until a signal ends the block."""
        await asyncio.Event().wait()

    async def __aenter__(self) -> Self:
        self._owner = asyncio.current_task()
        self._cancellations = self._owner.cancelling() if self._owner else 0
        self._listen()
        try:
            for service in self._services:
                _require_free(service)
            for service in self._services:
                await self._bring_up(service)
        except asyncio.CancelledError:
            await self._leave()
            if self._interruption_is_over():
                raise StartInterruptedError from None
            raise
        except BaseException:
            await self._leave()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        await self._leave()
        return self._interruption_is_over() and kind is asyncio.CancelledError

    # --- starting

    async def _bring_up(self, service: Service) -> None:
        try:
            child = await Child.start(service, self._output)
        except OSError as error:
            raise StartError(f"{service.name} cannot be started: {error}.") from None
        self._children[service.name] = child
        await self._become_ready(child)
        self._keepers.append(asyncio.create_task(self._keep(service)))

    async def _become_ready(self, child: Child) -> None:
        service = child.service
        if service.ready is None:
            return
        try:
            async with asyncio.timeout(service.ready_timeout_s):
                while not child.has_ended:
                    if await service.ready():
                        break
                    await asyncio.sleep(_READY_POLL_S)
        except TimeoutError:
            sentence = f"{service.name} was not ready within {service.ready_timeout_s:g} s."
            raise StartError(_with_tail(sentence, child.tail)) from None
        if child.has_ended:
            how = await child.ended()
            raise StartError(_with_tail(f"{service.name} ended while it was starting ({how}).", child.tail))

    # --- keeping

    async def _keep(self, service: Service) -> None:
        """Starts a service again whenever it ends."""
        clock = asyncio.get_running_loop()
        started, ends = clock.time(), 0
        while True:
            how = await self._children[service.name].ended()
            ends = 1 if clock.time() - started >= self._back_off.healthy_s else ends + 1
            pause = self._back_off.pause_s(ends)
            self._say(f"{service.name} ended ({how}); starting it again in {pause:g} s.")
            await asyncio.sleep(pause)
            started = clock.time()
            await self._start_again(service)

    async def _start_again(self, service: Service) -> None:
        try:
            self._children[service.name] = await Child.start(service, self._output)
            self._restarts[service.name] += 1
        except OSError as error:
            # The old child still stands there, ended: the next round comes after a longer pause.
            self._say(f"{service.name} cannot be started: {error}.")

    # --- stopping

    async def _leave(self) -> None:
        """Stops everything in reverse order. Further signals make it hurry."""
        self._leaving = True
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for child in reversed(self._children.values()):
            await child.stop(self._hurry)
        self._stop_listening()
        self._output.close()

    # --- signals

    def _listen(self) -> None:
        # Only the main thread can. What is ignored stays so: SIGHUP under nohup, SIGINT in the background.
        if threading.current_thread() is threading.main_thread():
            self._heard = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        for number in self._heard:
            asyncio.get_running_loop().add_signal_handler(number, self._interrupt)

    def _stop_listening(self) -> None:
        for number in self._heard:
            asyncio.get_running_loop().remove_signal_handler(number)

    def _interrupt(self) -> None:
        if self._leaving or self._interrupted:
            self._say("Killing what still runs.")
            self._hurry.set()
            return
        self._interrupted = True
        self._say("Stopping (once more kills).")
        if self._owner is not None:
            self._owner.cancel()

    def _interruption_is_over(self) -> bool:
        """Whether the cancellation of the block came from a signal, and from nothing else besides."""
        if not self._interrupted or self._owner is None:
            return False
        return self._owner.uncancel() <= self._cancellations

    def _say(self, sentence: str) -> None:
        self._output.write(OWN_NAME, sentence)


def _require_free(service: Service) -> None:
    """Refuses an address that is taken: else the stranger there would answer for the service.

    Raises:
        StartError: it is taken, or not an address of this machine.
    """
    if service.address is None:
        return
    host, port = service.address
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        other = f" with {service.port_setting}" if service.port_setting else ""
        raise StartError(
            f"{service.name} cannot listen on {host} port {port}: {why}. Stop what uses it, or choose another"
            f" port{other}; written into the file .env beside ./fleet, every command knows it."
        ) from None


def _with_tail(sentence: str, tail: Sequence[str]) -> str:
    return "\n".join([f"{sentence} It printed:", *(f"  {line}" for line in tail)]) if tail else sentence
