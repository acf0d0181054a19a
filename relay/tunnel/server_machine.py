"""The server's end of a tunnel as a machine: messages in, commands out; no I/O, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from domain.ids import subscription_of
from relay.tunnel.commands import Echo, GiveBack, Open, Prolong, Send, ServerCommand, Settle
from relay.tunnel.messages import (
    MAX_UNSETTLED,
    Beat,
    Bye,
    Confirmed,
    Credit,
    Held,
    Hello,
    Message,
    Progress,
    ProtocolError,
    Result,
    Results,
    Settled,
    Welcome,
    Working,
)

MAX_TAKE = 64
"""The most deliveries asked for at once."""


class Phase(Enum):
    """How far the conversation has come."""

    GREETING = auto()
    OPENING = auto()
    OPEN = auto()
    CLOSED = auto()


@dataclass(frozen=True, slots=True)
class Ask:
    """Take up to `count` deliveries of these subscriptions, the first ones first; then call `took`."""

    subscriptions: tuple[str, ...]
    count: int


class ServerMachine:
    """Keeps what is in flight within the credit, and every result until it is settled."""

    def __init__(self) -> None:
        self._phase = Phase.GREETING
        self._credit = 0
        self._is_resting = False
        self._flying: dict[str, Held] = {}
        self._settling: set[Confirmed] = set()
        # The subscriptions that may have something, in the order in which they are to be asked.
        self._rung: dict[str, None] = {}
        self._served: dict[str, None] = {}

    @property
    def in_flight(self) -> int:
        """How many deliveries the connector has and has not answered."""
        return len(self._flying)

    @property
    def is_settling(self) -> bool:
        """Whether results wait to be settled."""
        return bool(self._settling)

    def receive(self, message: Message) -> list[ServerCommand]:
        """What to do about a message of the connector.

        Raises:
            ProtocolError: it may not say this, or not now.
        """
        match self._phase, message:
            case Phase.GREETING, Hello():
                return self._greeted(message)
            case Phase.OPEN, Results(items):
                return [command for item in items for command in self._answered(item)]
            case Phase.OPEN, Progress(items):
                return [Prolong(item) for item in items if self._is_under_way(item)]
            case Phase.OPEN, Credit(slots):
                self._credit = slots
                return []
            case Phase.OPEN, Bye():
                self._phase = Phase.CLOSED
                return [GiveBack()]
            case ((Phase.OPENING | Phase.OPEN), Beat(number)):
                return [Echo(number)] if number else []
            case _:
                raise ProtocolError(f"A {type(message).__name__.lower()} is not expected here.")

    def opened(self, welcome: Welcome) -> list[ServerCommand]:
        """The lease is claimed."""
        self._phase = Phase.OPEN
        self._served = dict.fromkeys(served.id for served in welcome.subscriptions)
        self.ring()
        # What belongs to no subscription of this tunnel is not the connector's to answer.
        foreign = [
            held for held in self._flying.values() if subscription_of(held.delivery) not in self._served
        ]
        for held in foreign:
            del self._flying[held.delivery]
        return [Send(welcome), *(_confirm(held.delivery, held.attempt) for held in foreign)]

    def ring(self, subscription: str | None = None) -> None:
        """A subscription has something new; None: any of them may."""
        if subscription is None:
            self._rung |= self._served
        elif subscription in self._served:
            self._rung[subscription] = None

    def rest(self) -> None:
        """Ask for nothing any more; what is in flight is still settled and confirmed."""
        self._is_resting = True

    def asking(self) -> Ask | None:
        """What to take now, None when there is no reason or no room."""
        room = min(self._credit - len(self._flying), MAX_UNSETTLED - len(self._settling), MAX_TAKE)
        if self._is_resting or self._phase is not Phase.OPEN or room <= 0 or not self._rung:
            return None
        ask = Ask(tuple(self._rung), room)
        self._rung = {}
        return ask

    def took(self, ask: Ask, taken: Sequence[Held]) -> None:
        """This was taken, and will be sent or dropped."""
        for held in taken:
            self._flying[held.delivery] = held
        if len(taken) >= ask.count:
            # There may be more. Who came first comes last the next time, or it would starve the others.
            first, *others = ask.subscriptions
            self._rung = {**dict.fromkeys(others), **self._rung, first: None}

    def drop(self, delivery: str) -> None:
        """A delivery that was taken cannot be sent."""
        self._flying.pop(delivery, None)

    def settled(self, confirmed: Confirmed) -> list[ServerCommand]:
        """A result has been settled, or was found to be out of date."""
        self._settling.discard(confirmed)
        return [_confirm(*confirmed)]

    def _greeted(self, hello: Hello) -> list[ServerCommand]:
        if len(set(hello.subscriptions)) != len(hello.subscriptions):
            raise ProtocolError("A subscription is named twice.")
        self._phase = Phase.OPENING
        self._credit = hello.credit
        self._flying = {held.delivery: held for held in hello.holding}
        return [Open(hello)]

    def _is_under_way(self, working: Working) -> bool:
        held = self._flying.get(working.delivery)
        return held is not None and held.attempt == working.attempt

    def _answered(self, result: Result) -> list[ServerCommand]:
        confirmed = Confirmed(result.delivery, result.attempt)
        held = self._flying.get(result.delivery)
        if held is not None and held.attempt == result.attempt:
            del self._flying[result.delivery]
            self._settling.add(confirmed)
            return [Settle(result, held.tries)]
        # Known already, or an older attempt: the connector has nothing to wait for.
        return [] if confirmed in self._settling else [_confirm(*confirmed)]


def _confirm(delivery: str, attempt: int) -> Send:
    return Send(Settled((Confirmed(delivery, attempt),)))
