"""A tunnel: the server's end of one connection. It moves messages; what they mean, the machine knows."""

import asyncio
from typing import Final

import structlog
from starlette.websockets import WebSocket

from relay.server.access import address_of
from relay.server.answers import Answers
from relay.server.endings import FLOODED, MOVED, RENAMED, SILENT, UNAVAILABLE, RefusedError, problem_of
from relay.server.exchange import Exchange
from relay.server.lease import Lease
from relay.server.meters import HUNG_UP
from relay.server.round_trip import RoundTrip
from relay.server.shipping import Shipping
from relay.server.watch import Watch
from relay.server.wire import Wire
from relay.tunnel.codec import decode
from relay.tunnel.commands import Echo, GiveBack, Open, Prolong, Send, ServerCommand, Settle
from relay.tunnel.messages import SILENT_BEATS, Confirmed, Held, Hello, ProtocolError
from relay.tunnel.outbox import MAX_WAITING, Outbox
from relay.tunnel.problem import Problem, ProblemCode
from relay.tunnel.server_machine import Ask, ServerMachine
from store.deliveries import Taken
from store.gateways import Access
from store.tasks import end

_HELLO_TIMEOUT_S: Final = 10.0
_LAST_RESULTS_S: Final = 1.0

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Tunnel:
    """One connection, from its hello to its end. A `relay.server.switchboard.Line`."""

    def __init__(self, websocket: WebSocket, access: Access, asked_at_s: float, exchange: Exchange) -> None:
        self._address = address_of(websocket)
        self._watch = Watch(websocket, access.ends_in_s, asked_at_s)
        self._wire = Wire(websocket)
        self._exchange = exchange
        self._context = exchange.context
        self._shipping = Shipping(exchange.context, self._wire, exchange.room)
        self._lease = Lease(exchange.context, access.gateway.id)
        # What could not be settled the connector says again when it is back.
        self._answers = Answers(exchange, self._lease, self._settled, lambda: self.end(UNAVAILABLE))
        self._machine = ServerMachine()
        self._outbox = Outbox()
        self._wake = asyncio.Event()
        self._ending: asyncio.Future[Problem] = asyncio.get_running_loop().create_future()
        self._silent_beats = 0
        self._round_trip = RoundTrip()
        self._is_doubted = False
        self._is_moving = False

    @property
    def gateway(self) -> str:
        """The Gateway ID."""
        return self._lease.gateway

    @property
    def tunnel(self) -> str:
        """The tunnel id; "" before the hello."""
        return self._lease.tunnel

    @property
    def session(self) -> str:
        """The id of this connection; "" before the hello."""
        return self._lease.session

    @property
    def served(self) -> tuple[str, ...]:
        """Ids of the subscriptions it serves."""
        return self._lease.served

    @property
    def is_heard(self) -> bool:
        """Whether a sign of life came since the heartbeat before this one."""
        return self._lease.is_held and self._silent_beats <= 1

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
        if not self._lease.is_held:
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
        self._watch.doubt()
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
        parts = (self._listen(), self._pump(), self._watch.run())
        work = [asyncio.create_task(part) for part in parts]
        try:
            await asyncio.wait([*work, self._ending], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._exchange.switchboard.leave(self)
            await end(work)
        problem = self._ending.result() if self._ending.done() else problem_of(work)
        if problem and problem.code is ProblemCode.TOKEN_REFUSED and self.session:
            await self._lease.give_back()
        await self._wire.close(problem)
        reason = problem.code.value if problem else HUNG_UP
        if self._lease.is_held:
            self._context.meters.closed(reason)
            await self._lease.note_loss()
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
        welcome = await self._lease.prepare(hello)
        self._exchange.switchboard.join(self)
        # The bell does not reach a connection before this; it may have rung for its token meanwhile.
        self._watch.doubt()
        await self._lease.claim(hello, welcome, self._address)
        for command in self._machine.opened(welcome):
            self._carry_out(command)
        self._ask_back()

    async def _leave(self) -> None:
        await self._answers.all_settled()
        await self._lease.give_back()

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
        await self._answers.all_settled(_LAST_RESULTS_S)
        await self._wire.write(self._outbox.frames())
        raise RefusedError(MOVED)

    async def _look_again(self) -> None:
        self._is_doubted = False
        if await self._lease.is_outdated():
            raise RefusedError(RENAMED)

    async def _take(self, ask: Ask) -> list[Taken]:
        taken = await self._lease.take(ask)
        self._machine.took(ask, [_held(item) for item in taken])
        return taken

    def _give_up(self, taken: Taken) -> None:
        self._machine.drop(taken.delivery.id)
        self._answers.give_up(taken)

    def _carry_out(self, command: ServerCommand) -> None:
        match command:
            case Send(message):
                self._outbox.put(message)
                if len(self._outbox) > MAX_WAITING:
                    self.end(FLOODED)
            case Settle(result, tries):
                self._answers.settle(result, tries)
            case Prolong(working):
                self._answers.prolong(working)
            case Echo(number):
                self._round_trip.answered(number, asyncio.get_running_loop().time())
            case _:
                raise TypeError(f"{type(command).__name__} is for those who listen.")
        self._wake.set()

    def _settled(self, confirmed: Confirmed) -> None:
        for command in self._machine.settled(confirmed):
            self._carry_out(command)


def _held(taken: Taken) -> Held:
    return Held(taken.delivery.id, taken.delivery.attempt, taken.delivery.tries)
