"""The connector: keeps a tunnel to the relay and brings what comes through it to local targets."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import aiohttp

from domain.delivery import Outcome
from domain.ids import ENTROPY_BYTES, new_id
from relay.connector.address import tunnel_url
from relay.connector.attempt import attempt
from relay.connector.errors import refusal_of
from relay.connector.keeper import Keeper
from relay.connector.link import staying
from relay.connector.lookout import Lookout
from relay.connector.network import Network
from relay.connector.observer import Observer
from relay.connector.patience import Patience
from relay.connector.sockets import Sockets
from relay.connector.target import Answer, Target, arrival_of
from relay.tunnel.commands import ConnectorCommand, Opened, Refused, Send, Start
from relay.tunnel.connector_machine import ConnectorMachine
from relay.tunnel.fields import printable
from relay.tunnel.messages import MAX_NAME_CHARS, Message, Parcel, Welcome
from store.tasks import end

DEFAULT_CONCURRENCY: Final = 16
DEFAULT_GRACE_S: Final = 10.0
_GOODBYE_S: Final = 2.0
_ENDING_S: Final = 5.0
"""What cancelled attempts may take to end, their programs with them, before we say goodbye all the same."""


@dataclass(frozen=True, slots=True)
class ConnectorConfig:
    """How a connector is set up.

    Attributes:
        relay_url: where the relay is, https://... (or wss://...).
        token: access token of the gateway.
        concurrency: how many deliveries are worked on at once, 1 to 1024.
        insecure: allow an unencrypted connection that leaves this machine.
        grace_s: how long `stop` waits for attempts under way and their results, in seconds.
        tls: whom to trust at the relay; None: the CAs of the system.
        name: what the connector is called where its owner looks at tunnels; of a long one, the beginning.
        version: the release of this program, shown likewise.
    """

    relay_url: str
    token: str = field(repr=False)
    concurrency: int = DEFAULT_CONCURRENCY
    insecure: bool = False
    grace_s: float = DEFAULT_GRACE_S
    tls: ssl.SSLContext | None = None
    name: str = ""
    version: str = ""


class Connector:
    """Serves subscriptions of a gateway until stopped or refused, over as many connections as it takes."""

    def __init__(
        self,
        config: ConnectorConfig,
        targets: Mapping[str, Target],
        observer: Observer,
        clock_ms: Callable[[], int],
        dice: Callable[[], float],
        entropy: Callable[[int], bytes],
        network: Network = Network(),  # noqa: B008 - it has no state
    ) -> None:
        """A connector.

        Args:
            config: how it is set up.
            targets: name of a subscription -> where its deliveries are brought; at least one.
            observer: is told what happens.
            clock_ms: Unix time in milliseconds.
            dice: a random number in [0, 1), for jitter.
            entropy: that many unguessable bytes.
            network: of this machine.

        Raises:
            InvalidInputError: the address of the relay cannot be used.
        """
        self._config = config
        self._targets = targets
        self._observer = observer
        url = tunnel_url(config.relay_url, insecure=config.insecure)
        self._keeper = Keeper((url, config.token), self, observer, Lookout(clock_ms, network), dice)
        tunnel = new_id("tun", clock_ms(), entropy(ENTROPY_BYTES))
        self._machine = ConnectorMachine(
            tunnel,
            tuple(targets),
            config.concurrency,
            name=printable(config.name, MAX_NAME_CHARS),
            release=printable(config.version, MAX_NAME_CHARS),
        )
        self._names: dict[str, str] = {}
        self._attempts: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._progress = asyncio.Event()
        self._grace = Patience()
        self._grace_s = config.grace_s
        self._has_turned_away = False

    @property
    def under_way(self) -> int:
        """How many attempts have begun and not ended."""
        return len(self._attempts)

    def stop(self) -> None:
        """Take nothing new, finish what is under way, say goodbye; then `run` returns.

        A second time: finish nothing more. What is not answered then goes elsewhere, at once.
        """
        if self._stopping.is_set():
            self._grace_s = 0
            self._grace.lose()
        self._stopping.set()

    async def run(self) -> None:
        """Serve until stopped.

        Raises:
            TokenRefusedError: the relay does not accept the access token.
            TunnelRefusedError: the relay refuses the tunnel, an unknown subscription for example.
        """
        sockets = Sockets()
        # `True` is aiohttp's word for the CAs of the system.
        way = aiohttp.TCPConnector(ssl=self._config.tls or True, socket_factory=sockets.make)
        try:
            async with aiohttp.ClientSession(connector=way, trace_configs=[staying()]) as session:
                await self._run(session)
        finally:
            await sockets.ended()

    async def _run(self, session: aiohttp.ClientSession) -> None:
        serving = asyncio.create_task(self._keeper.run(session))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
            if not serving.done():
                await self._wind_up(serving)
        finally:
            await end([serving, stopping, *self._attempts])
        if not serving.cancelled() and (error := serving.exception()):
            raise error

    async def _wind_up(self, serving: asyncio.Task[None]) -> None:
        serving.add_done_callback(lambda _: self._progress.set())
        self._carry_out(self._machine.stop_taking())
        # Results that wait for a link do not wait for the end of a pause as well.
        self._keeper.hurry()
        with suppress(TimeoutError):
            async with self._grace.kept(self._grace_s):
                while not self._machine.is_idle and not serving.done():
                    await self._progress.wait()
                    self._progress.clear()
        await self._give_up_attempts()
        self._keeper.leave()
        goodbye = self._machine.leave()
        self._carry_out(goodbye)
        if goodbye:
            # The relay hangs up when it has heard it.
            await asyncio.wait([serving], timeout=_GOODBYE_S)

    async def _give_up_attempts(self) -> None:
        """End them before the goodbye: what another connector begins then must not still go on here."""
        for task in self._attempts:
            task.cancel()
        if self._attempts:
            await asyncio.wait(self._attempts, timeout=_ENDING_S)

    def greet(self) -> None:
        """Say hello over a new link."""
        self._carry_out(self._machine.connected())

    def pause(self) -> None:
        """There is no link for now; attempts go on."""
        self._machine.disconnected()

    def hear(self, message: Message) -> None:
        """Do what a message of the relay asks for."""
        commands = self._machine.receive(message)
        self._carry_out(commands)
        self._progress.set()
        if isinstance(message, Parcel) and not commands and self._stopping.is_set():
            self._turn_away()

    def _turn_away(self) -> None:
        """What was on its way when we stopped taking goes elsewhere now, not after the last attempt here.

        In a new hello it is not among what we hold. Nothing more is on its way after that: once is enough.
        """
        if not self._has_turned_away:
            self._has_turned_away = True
            self._keeper.say_anew()

    def _carry_out(self, commands: list[ConnectorCommand]) -> None:
        for command in commands:
            match command:
                case Send(message):
                    self._keeper.send(message)
                case Start(parcel):
                    self._start(parcel)
                case Opened(welcome):
                    self._opened(welcome)
                case Refused(problem):
                    raise refusal_of(problem)

    def _opened(self, welcome: Welcome) -> None:
        self._names = {served.id: served.name for served in welcome.subscriptions}
        self._keeper.opened(welcome.heartbeat_s)
        if not self._stopping.is_set():
            self._observer.on_connected(welcome)

    def _start(self, parcel: Parcel) -> None:
        task = asyncio.create_task(self._attempt(parcel, self._names[parcel.subscription]))
        self._attempts.add(task)
        task.add_done_callback(self._attempts.discard)

    async def _attempt(self, parcel: Parcel, name: str) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            arrival = arrival_of(parcel, name)
        except ValueError:
            self._finish(parcel, Answer(Outcome.RETRY, "envelope unreadable"))
            return
        answer = await attempt(
            self._targets[name],
            arrival,
            lambda: self._say_alive(parcel.delivery),
            lambda sentence: self._observer.on_trouble(arrival, sentence),
        )
        self._finish(parcel, answer)
        self._observer.on_delivery(arrival, answer, (loop.time() - began) * 1000)

    def _say_alive(self, delivery: str) -> None:
        self._carry_out(self._machine.works(delivery))

    def _finish(self, parcel: Parcel, answer: Answer) -> None:
        self._carry_out(
            self._machine.finished(parcel.delivery, answer.outcome, answer.note, answer.retry_after_s)
        )
        self._progress.set()
