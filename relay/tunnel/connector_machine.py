"""The connector's end of a tunnel as a machine: messages in, commands out; no I/O, no clock.

It outlives connections: attempts go on while there is none, and results wait until they are settled.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from domain.delivery import Outcome
from relay.tunnel.commands import ConnectorCommand, Opened, Refused, Send, Start
from relay.tunnel.messages import (
    MAX_CREDIT,
    MAX_HOLDING,
    Beat,
    Bye,
    Confirmed,
    Credit,
    Held,
    Hello,
    Message,
    Parcel,
    Progress,
    ProtocolError,
    Result,
    Results,
    Settled,
    Welcome,
    Working,
)
from relay.tunnel.problem import Problem

REMEMBERED: Final = 10_000
"""How many answered deliveries are remembered, so that none is done twice."""


@dataclass(slots=True)
class _Duty:
    """A delivery that the server has not released us from; `result` is None while the attempt runs.

    `is_long`: it has said that it still works.
    """

    attempt: int
    tries: int
    generation: int
    result: Result | None = None
    is_long: bool = False


@dataclass(frozen=True, slots=True)
class _Memory:
    generation: int
    result: Result


class ConnectorMachine:
    """Starts each delivery once, answers for it until it is settled, and answers again when asked again."""

    def __init__(
        self,
        tunnel: str,
        subscriptions: tuple[str, ...],
        credit: int,
        remembered: int = REMEMBERED,
        name: str = "",
        release: str = "",
    ) -> None:
        self._tunnel = tunnel
        self._name = name
        self._release = release
        self._subscriptions = subscriptions
        self._capacity = min(credit, MAX_CREDIT)
        self._credit = self._announced = self._capacity
        self._remembered = remembered
        self._duties: dict[str, _Duty] = {}
        self._running = 0
        self._memory: OrderedDict[str, _Memory] = OrderedDict()
        self._served: frozenset[str] = frozenset()
        self._open = False

    @property
    def running(self) -> int:
        """How many attempts are under way."""
        return self._running

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and no result waits to be settled."""
        return not self._duties

    def connected(self) -> list[ConnectorCommand]:
        """There is a new connection."""
        self._open = False
        self._announced = self._credit
        holding = tuple(Held(delivery, duty.attempt, duty.tries) for delivery, duty in self._duties.items())
        hello = Hello(self._tunnel, self._subscriptions, self._credit, holding, self._name, self._release)
        return [Send(hello)]

    def disconnected(self) -> None:
        """The connection is gone."""
        self._open = False

    def receive(self, message: Message) -> list[ConnectorCommand]:
        """What to do about a message of the server.

        Raises:
            ProtocolError: it may not say this, or not now.
        """
        match message:
            case Problem():
                return [Refused(message)]
            case Welcome() if not self._open:
                return self._welcomed(message)
            case Parcel() if self._open:
                return self._received(message)
            case Settled(items) if self._open:
                for item in items:
                    self._settled(item)
                return []
            case Beat() if self._open:
                return [Send(message)]
            case _:
                raise ProtocolError(f"A {type(message).__name__.lower()} is not expected here.")

    def works(self, delivery: str) -> list[ConnectorCommand]:
        """An attempt still works. Nothing is said of one that has come to its end."""
        duty = self._duties.get(delivery)
        if duty is None or duty.result is not None:
            return []
        duty.is_long = True
        return self._say(_progress(delivery, duty))

    def finished(
        self, delivery: str, outcome: Outcome, note: str = "", retry_after_s: float | None = None
    ) -> list[ConnectorCommand]:
        """An attempt has come to its end."""
        duty = self._duties[delivery]
        # The newest attempt is the one that is waited for, whichever one we began with.
        duty.result = Result(delivery, duty.attempt, outcome, note, retry_after_s)
        self._running -= 1
        self._remember(delivery, duty.generation, duty.result)
        return self._say(Results((duty.result,)))

    def stop_taking(self) -> list[ConnectorCommand]:
        """Take no new deliveries any more."""
        self._credit = 0
        return self._say(Credit(0))

    def leave(self) -> list[ConnectorCommand]:
        """Say goodbye; what is not answered goes elsewhere."""
        return self._say(Bye())

    def _welcomed(self, welcome: Welcome) -> list[ConnectorCommand]:
        if tuple(served.name for served in welcome.subscriptions) != self._subscriptions:
            raise ProtocolError("The server serves other subscriptions than it was asked for.")
        self._served = frozenset(served.id for served in welcome.subscriptions)
        self._open = True
        waiting = [Send(Results((duty.result,))) for duty in self._duties.values() if duty.result]
        # What was said of them last may be lost, and their time went on.
        long = [
            Send(_progress(delivery, duty))
            for delivery, duty in self._duties.items()
            if duty.is_long and not duty.result
        ]
        changed = [Send(Credit(self._credit))] if self._credit != self._announced else []
        return [Opened(welcome), *changed, *waiting, *long]

    def _received(self, parcel: Parcel) -> list[ConnectorCommand]:
        if parcel.subscription not in self._served:
            raise ProtocolError("A delivery is of a subscription that was not asked for.")
        duty = self._duties.get(parcel.delivery)
        if duty is not None and duty.result is None:
            # Our attempt was given up on and a new one made of it, but ours still runs.
            duty.attempt, duty.tries, duty.generation = parcel.attempt, parcel.tries, parcel.generation
            return self._say(_progress(parcel.delivery, duty)) if duty.is_long else []
        known = self._memory.get(parcel.delivery)
        if known is not None and _answers(known, parcel):
            return self._answer_again(parcel, known.result)
        if self._credit == 0:
            return []
        if self._running >= self._capacity:
            raise ProtocolError("The server sends more than there is credit for.")
        self._require_settling()
        self._duties[parcel.delivery] = _Duty(parcel.attempt, parcel.tries, parcel.generation)
        self._running += 1
        return [Start(parcel)]

    def _answer_again(self, parcel: Parcel, result: Result) -> list[ConnectorCommand]:
        self._require_settling()
        again = result._replace(attempt=parcel.attempt)
        self._duties[parcel.delivery] = _Duty(parcel.attempt, parcel.tries, parcel.generation, again)
        self._remember(parcel.delivery, parcel.generation, again)
        return [Send(Results((again,)))]

    def _require_settling(self) -> None:
        # A hello holds no more, and ours would only grow.
        if len(self._duties) >= MAX_HOLDING:
            raise ProtocolError("The relay sends deliveries and settles none of our answers.")

    def _settled(self, confirmed: Confirmed) -> None:
        duty = self._duties.get(confirmed.delivery)
        if duty is not None and duty.result is not None and duty.attempt == confirmed.attempt:
            del self._duties[confirmed.delivery]

    def _remember(self, delivery: str, generation: int, result: Result) -> None:
        self._memory[delivery] = _Memory(generation, result)
        self._memory.move_to_end(delivery)
        if len(self._memory) > self._remembered:
            self._memory.popitem(last=False)

    def _say(self, message: Message) -> list[ConnectorCommand]:
        return [Send(message)] if self._open else []


def _progress(delivery: str, duty: _Duty) -> Progress:
    return Progress((Working(delivery, duty.attempt),))


def _answers(known: _Memory, parcel: Parcel) -> bool:
    """Whether what we said then holds for this attempt, too. A replay asks anew."""
    if known.generation != parcel.generation:
        return False
    return known.result.outcome is not Outcome.RETRY or known.result.attempt >= parcel.attempt
