"""A tunnel: the server's end of one connection. It moves messages; what they mean, the machine knows."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog
from redis.exceptions import RedisError
from starlette.websockets import WebSocket

from domain.ids import subscription_of
from relay.server import greeting
from relay.server.access import address_of
from relay.server.context import RelayContext
from relay.server.endings import (
    FLOODED,
    LOST,
    MOVED,
    RENAMED,
    SILENT,
    UNAVAILABLE,
    RefusedError,
    problem_of,
)
from relay.server.meters import HUNG_UP
from relay.server.prolonging import Prolonger
from relay.server.room import Room
from relay.server.round_trip import RoundTrip
from relay.server.settling import Settler
from relay.server.shipping import Shipping
from relay.server.switchboard import Switchboard
from relay.server.watch import Watch
from relay.server.wire import Wire
from relay.tunnel.codec import decode
from relay.tunnel.commands import Echo, GiveBack, Open, Prolong, Send, ServerCommand, Settle
from relay.tunnel.messages import SILENT_BEATS, Confirmed, Held, Hello, ProtocolError, Welcome
from relay.tunnel.outbox import MAX_WAITING, Outbox
from relay.tunnel.problem import Problem, ProblemCode
from relay.tunnel.server_machine import Ask, ServerMachine
from store import deliveries, tunnels
from store.deliveries import Prolongation, Taken
from store.gateways import Access
from store.tasks import end

_HELLO_TIMEOUT_S: Final = 10.0
_LAST_RESULTS_S: Final = 1.0
_UNREADABLE: Final = "body unreadable"

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the tunnels of a process share."""

    context: RelayContext
    switchboard: Switchboard
    settler: Settler
    prolonger: Prolonger
    room: Room


class Tunnel:
    """One connection, from its hello to its end. A `relay.server.switchboard.Line`."""

    def __init__(self, websocket: WebSocket, access: Access, asked_at_s: float, exchange: Exchange) -> None:
        self._websocket = websocket
        self._watch_over = Watch(websocket, access.ends_in_s, asked_at_s)
        self._wire = Wire(websocket)
        self._shipping = Shipping(exchange.context, self._wire, exchange.room)
        self._exchange = exchange
        self._context = exchange.context
        self._machine = ServerMachine()
        self._outbox = Outbox()
        self._wake = asyncio.Event()
        self._ending: asyncio.Future[Problem] = asyncio.get_running_loop().create_future()
        self._settling: set[asyncio.Future[bool]] = set()
        self._timeouts: dict[str, int] = {}
        self._calls = 0
        self._silent_beats = 0
        self._round_trip = RoundTrip()
        self._is_doubted = False
        self._is_moving = False
        self._welcome: Welcome | None = None
        self._has_lease = False
        self.gateway = access.gateway.id
        self.tunnel = ""
        self.session = ""

    @property
    def served(self) -> tuple[str, ...]:
        """Ids of the subscriptions it serves."""
        return tuple(self._timeouts)

    @property
    def is_heard(self) -> bool:
        """Whether a sign of life came since the heartbeat before this one."""
        return self._has_lease and self._silent_beats <= 1

    @property
    def round_trip_ms(self) -> float | None:
        """How long a beat and its answer took, in milliseconds; None: not measured yet."""
        return self._round_trip.ms

    def ring(self, subscription: str | None = None) -> None:
        """A subscription has something new; None: any of them may."""
        self._machine.ring(subscription)
        self._wake.set()

    def beat(self) -> bool:
        """Send a sign of life. False, and the end: none came from the other end for a while."""
        if not self._has_lease:
            return True  # it is being opened; the first word is a welcome
        self._silent_beats += 1
        if self._silent_beats > SILENT_BEATS:
            self.end(SILENT)
            return False
        self._ask_back()
        return True

    def _ask_back(self) -> None:
        self._carry_out(Send(self._round_trip.ask(asyncio.get_running_loop().time())))

    def doubt(self) -> None:
        """The access token may have been revoked, or a subscription made anew; look again."""
        self._is_doubted = True
        self._watch_over.doubt()
        self._wake.set()

    def end(self, problem: Problem) -> None:
        """Close the tunnel with this last word."""
        if not self._ending.done():
            self._ending.set_result(problem)

    def move(self, after_s: float) -> None:
        """Take nothing new from now on; in so many seconds, send the connector to another relay."""
        self._machine.rest()
        asyncio.get_running_loop().call_later(after_s, self._leave_soon)

    def _leave_soon(self) -> None:
        self._is_moving = True
        self._wake.set()

    async def run(self) -> None:
        """Serve the connection until it ends."""
        parts = (self._listen(), self._pump(), self._watch_over.run())
        work = [asyncio.create_task(part) for part in parts]
        try:
            await asyncio.wait([*work, self._ending], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._exchange.switchboard.leave(self)
            await end(work)
        problem = self._ending.result() if self._ending.done() else problem_of(work)
        if problem and problem.code is ProblemCode.TOKEN_REFUSED and self.session:
            await self._give_back()
        await self._wire.close(problem)
        reason = problem.code.value if problem else HUNG_UP
        if self._has_lease:
            self._context.meters.closed(reason)
            await self._note_loss()
        _log.info("tunnel_closed", gateway=self.gateway, tunnel=self.tunnel, reason=reason)

    async def _listen(self) -> None:
        try:
            async with asyncio.timeout(_HELLO_TIMEOUT_S):
                frame = await self._wire.read()
        except TimeoutError:
            raise ProtocolError("The hello did not come in time.") from None
        while True:
            self._silent_beats = 0
            for command in self._machine.receive(decode(frame)):
                match command:
                    case Open(hello):
                        await self._open(hello)
                    case GiveBack():
                        return await self._leave()
                    case _:
                        self._carry_out(command)
            self._wake.set()
            frame = await self._wire.read()

    async def _open(self, hello: Hello) -> None:
        context = self._context
        welcome = await greeting.welcome_of(context, self.gateway, hello)
        self.tunnel, self.session = hello.tunnel, welcome.session
        self._timeouts = {served.id: served.timeout_s for served in welcome.subscriptions}
        self._exchange.switchboard.join(self)
        # The bell does not reach a connection before this; it may have rung for its token meanwhile.
        self._watch_over.doubt()
        address = address_of(self._websocket)
        went_back = await greeting.claim(context, self.gateway, hello, welcome, address)
        self._has_lease = True
        context.meters.opened()
        self._welcome = welcome
        for command in self._machine.opened(welcome):
            self._carry_out(command)
        self._ask_back()
        _log.info(
            "tunnel_opened",
            gateway=self.gateway,
            tunnel=self.tunnel,
            address=address,
            name=hello.name,
            version=hello.release,
            subscriptions=hello.subscriptions,
            credit=hello.credit,
            holding=len(hello.holding),
            went_back=went_back,
        )

    async def _leave(self) -> None:
        while self._settling:
            await asyncio.wait(self._settling)
        await self._give_back()

    async def _give_back(self) -> None:
        self._has_lease = False
        call = tunnels.close_tunnel(self.gateway, self.tunnel, self.session, self._context.clock_ms())
        try:
            await self._context.store.run(call)
        except (RedisError, OSError) as error:
            # The lease ends by itself.
            _log.warning("tunnel_not_given_back", tunnel=self.tunnel, error=type(error).__name__)

    async def _note_loss(self) -> None:
        call = tunnels.lose(self.gateway, self.tunnel, self.session, self._context.clock_ms())
        # Who cannot note it need not: the end of the lease tells the same, only later.
        with suppress(RedisError, OSError):
            await self._context.store.run(call)

    async def _pump(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._is_doubted:
                await self._look_again()
            await self._breathe()
            while ask := self._machine.asking():
                await self._shipping.ship(await self._take(ask), self._breathe, self._give_up)
                await self._breathe()

    async def _breathe(self) -> None:
        """Say what waits, and leave if it is time, also between parcels of a slow line."""
        await self._wire.write(self._outbox.frames())
        if self._is_moving:
            await self._move()

    async def _move(self) -> None:
        """Confirm what has been said so far. The lease stays: the connector claims it at the next relay."""
        if self._settling:
            await asyncio.wait(set(self._settling), timeout=_LAST_RESULTS_S)
        await self._wire.write(self._outbox.frames())
        raise RefusedError(MOVED)

    async def _look_again(self) -> None:
        self._is_doubted = False
        if self._welcome and await greeting.is_outdated(self._context, self.gateway, self._welcome):
            raise RefusedError(RENAMED)

    async def _take(self, ask: Ask) -> list[Taken]:
        wanted = [(subscription, self._timeouts[subscription]) for subscription in ask.subscriptions]
        self._calls += 1
        call = deliveries.take(
            self.gateway,
            self.tunnel,
            self.session,
            self._calls,
            wanted,
            ask.count,
            self._context.clock_ms(),
        )
        taken = await self._context.store.run(call)
        if taken is None:
            raise RefusedError(LOST)
        self._machine.took(ask, [_held(item) for item in taken])
        return taken

    def _give_up(self, taken: Taken) -> None:
        delivery = taken.delivery
        _log.error("body_unreadable", gateway=self.gateway, event_id=delivery.event, delivery=delivery.id)
        self._machine.drop(delivery.id)
        future = self._exchange.settler.exhaust(delivery.id, delivery.attempt, _UNREADABLE)
        self._watch(future, None)

    def _carry_out(self, command: ServerCommand) -> None:
        match command:
            case Send(message):
                self._outbox.put(message)
                if len(self._outbox) > MAX_WAITING:
                    self.end(FLOODED)
            case Settle(result, tries):
                confirmed = Confirmed(result.delivery, result.attempt)
                self._watch(self._exchange.settler.settle(result, tries), confirmed)
            case Prolong(working):
                self._exchange.prolonger.add(
                    Prolongation(
                        self.gateway,
                        self.tunnel,
                        self.session,
                        *working,
                        self._timeouts[subscription_of(working.delivery)],
                    )
                )
            case Echo(number):
                self._round_trip.answered(number, asyncio.get_running_loop().time())
            case _:
                raise TypeError(f"{type(command).__name__} is for those who listen.")
        self._wake.set()

    def _watch(self, future: asyncio.Future[bool], confirmed: Confirmed | None) -> None:
        self._settling.add(future)
        future.add_done_callback(partial(self._settled, confirmed))

    def _settled(self, confirmed: Confirmed | None, future: asyncio.Future[bool]) -> None:
        self._settling.discard(future)
        if future.cancelled():
            return
        if future.exception() is not None:
            # The connector will say it again when it is back.
            self.end(UNAVAILABLE)
        elif confirmed is not None:
            for command in self._machine.settled(confirmed):
                self._carry_out(command)


def _held(taken: Taken) -> Held:
    return Held(taken.delivery.id, taken.delivery.attempt, taken.delivery.tries)
