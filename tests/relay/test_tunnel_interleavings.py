"""Both machines of a tunnel against a model of the store, in any order of events, with lost connections."""

from collections import deque
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.delivery import Outcome
from relay.tunnel.codec import decode, encode
from relay.tunnel.commands import ConnectorCommand, GiveBack, Open, Send, ServerCommand, Settle, Start
from relay.tunnel.connector_machine import ConnectorMachine
from relay.tunnel.messages import Confirmed, Held, Message, Parcel, Result, Served, Welcome
from relay.tunnel.server_machine import ServerMachine

TUNNEL = "tun_" + "0" * 23
SUBSCRIPTION = "sub_" + "0" * 23
CREDIT = 3
FINAL = (Outcome.DELIVERED, Outcome.REFUSED)


@dataclass
class Stored:
    """A delivery in the store; `sent` while a tunnel has it, `outcome` once it is final."""

    attempt: int = 0
    sent: bool = False
    outcome: Outcome | None = None


@dataclass
class Line:
    """A connection: its server's machine and what is on the way."""

    server: ServerMachine
    up: deque[Message]
    down: deque[Message]
    settling: deque[Result]
    held_at_first: int = 0


class TunnelModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.connector = ConnectorMachine(TUNNEL, ("here",), CREDIT)
        self.stored: dict[str, Stored] = {}
        self.queue: deque[str] = deque()
        self.line: Line | None = None
        self.running: list[str] = []
        self.said: dict[str, Outcome] = {}
        self.goodbye = False

    @rule()
    def an_event_is_fanned_out(self) -> None:
        delivery = f"dlv_{len(self.stored):023d}_{SUBSCRIPTION[4:]}"
        self.stored[delivery] = Stored()
        self.queue.append(delivery)
        if self.line:
            self.line.server.ring(SUBSCRIPTION)

    @precondition(lambda self: self.line is None and not self.goodbye)
    @rule()
    def the_connector_connects(self) -> None:
        self.line = Line(ServerMachine(), deque(), deque(), deque())
        self.carry_out(self.connector.connected())

    @precondition(lambda self: self.line is not None)
    @rule()
    def the_connection_is_lost(self) -> None:
        self.line = None
        self.connector.disconnected()

    @precondition(lambda self: self.line and self.line.up)
    @rule()
    def the_server_hears(self) -> None:
        assert self.line
        message = decode(encode(self.line.up.popleft()))
        self.serve(self.line.server.receive(message))

    @precondition(lambda self: self.line and self.line.down)
    @rule()
    def the_connector_hears(self) -> None:
        assert self.line
        message = decode(encode(self.line.down.popleft()))
        self.carry_out(self.connector.receive(message))

    @precondition(lambda self: self.line is not None)
    @rule()
    def the_relay_begins_to_stop(self) -> None:
        assert self.line
        self.line.server.rest()

    @precondition(lambda self: self.line is not None)
    @rule()
    def the_server_takes(self) -> None:
        assert self.line
        ask = self.line.server.asking()
        if ask is None:
            return
        taken: list[Held] = []
        while self.queue and len(taken) < ask.count:
            delivery = self.queue.popleft()
            stored = self.stored[delivery]
            stored.attempt += 1
            stored.sent = True
            taken.append(Held(delivery, stored.attempt, stored.attempt))
        self.line.server.took(ask, taken)
        self.line.down.extend(parcel(held) for held in taken)

    @precondition(lambda self: self.line and self.line.settling)
    @rule()
    def the_store_settles(self) -> None:
        assert self.line
        self.settle(self.line.settling.popleft(), self.line)

    @precondition(lambda self: self.running)
    @rule(data=st.data(), outcome=st.sampled_from(Outcome))
    def an_attempt_ends(self, data: st.DataObject, outcome: Outcome) -> None:
        delivery = self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))
        self.said[delivery] = outcome
        self.carry_out(self.connector.finished(delivery, outcome, "note"))

    @precondition(lambda self: any(stored.sent for stored in self.stored.values()))
    @rule(data=st.data())
    def a_deadline_passes(self, data: st.DataObject) -> None:
        sent = [delivery for delivery, stored in self.stored.items() if stored.sent]
        self.give_back(data.draw(st.sampled_from(sent)))

    @invariant()
    def never_more_than_the_credit(self) -> None:
        assert len(self.running) == self.connector.running <= CREDIT
        if self.line:
            assert self.line.server.in_flight <= max(CREDIT, self.line.held_at_first)

    @invariant()
    def the_store_believes_what_was_said(self) -> None:
        for delivery, stored in self.stored.items():
            if stored.outcome is not None:
                assert stored.outcome is self.said[delivery]

    def teardown(self) -> None:
        """Given time, everything is settled, whatever happened before."""
        self.the_connection_is_lost()
        self.the_connector_connects()
        for _ in range(30 * len(self.stored) + 30):
            self.drain()
        assert all(stored.outcome is not None for stored in self.stored.values())
        assert self.connector.is_idle
        assert self.line
        assert self.line.server.in_flight == 0

    def drain(self) -> None:
        assert self.line
        if not (self.line.up or self.line.down or self.line.settling or self.running or self.queue):
            # A lost parcel of an attempt that succeeds one still running is repaired by its deadline.
            for delivery in [delivery for delivery, stored in self.stored.items() if stored.sent]:
                self.give_back(delivery)
        if self.line.up:
            self.the_server_hears()
        if self.line.down:
            self.the_connector_hears()
        if self.line.settling:
            self.the_store_settles()
        if self.running:
            delivery = self.running.pop()
            self.said[delivery] = Outcome.DELIVERED
            self.carry_out(self.connector.finished(delivery, Outcome.DELIVERED))
        self.the_server_takes()

    def carry_out(self, commands: list[ConnectorCommand]) -> None:
        for command in commands:
            match command:
                case Send(message):
                    assert self.line
                    self.line.up.append(message)
                case Start(started):
                    assert started.delivery not in self.running
                    assert self.said.get(started.delivery) not in FINAL, "done twice"
                    self.running.append(started.delivery)
                case _:
                    pass

    def serve(self, commands: list[ServerCommand]) -> None:
        assert self.line
        for command in commands:
            match command:
                case Send(message):
                    self.line.down.append(message)
                case Open(hello):
                    self.line.held_at_first = len(hello.holding)
                    held = {item.delivery for item in hello.holding}
                    for delivery, stored in self.stored.items():
                        if stored.sent and delivery not in held:
                            self.give_back(delivery)
                    served = Served("here", SUBSCRIPTION, 30)
                    self.serve(self.line.server.opened(Welcome("s", 15, 5, (served,))))
                case Settle(result):
                    self.line.settling.append(result)
                case GiveBack():
                    raise AssertionError("nobody said goodbye")

    def settle(self, result: Result, line: Line) -> None:
        stored = self.stored[result.delivery]
        waits = stored.attempt == result.attempt and stored.outcome is None
        if waits and result.outcome in FINAL:
            stored.outcome, stored.sent = result.outcome, False
            if result.delivery in self.queue:
                self.queue.remove(result.delivery)
        elif waits and stored.sent:
            self.give_back(result.delivery)
        self.serve(line.server.settled(Confirmed(result.delivery, result.attempt)))

    def give_back(self, delivery: str) -> None:
        self.stored[delivery].sent = False
        self.queue.append(delivery)
        if self.line:
            self.line.server.ring(SUBSCRIPTION)


def parcel(held: Held) -> Parcel:
    event = "evt_" + held.delivery.split("_")[1]
    return Parcel(
        *held, 1, event, "push", SUBSCRIPTION, "hook", "github", "github-sha256", 1, 30, b"envelope"
    )


TestTunnelModel = TunnelModel.TestCase
TestTunnelModel.settings = settings(max_examples=250, stateful_step_count=60, deadline=None)
