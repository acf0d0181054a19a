"""Both machines of a tunnel against a model of the store, in any order of events, with lost connections."""

from collections import deque

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.delivery import Outcome
from relay.tunnel.codec import decode, encode
from relay.tunnel.commands import (
    ConnectorCommand,
    GiveBack,
    Open,
    Prolong,
    Send,
    ServerCommand,
    Settle,
    Start,
)
from relay.tunnel.connector_machine import ConnectorMachine
from relay.tunnel.messages import Confirmed, Held, Progress, Result, Served, Welcome, Working
from relay.tunnel.server_machine import ServerMachine
from tests.tunnel_model import CREDIT, SUBSCRIPTION, TUNNEL, Line, Stored, parcel

FINAL = (Outcome.DELIVERED, Outcome.REFUSED)


class TunnelModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.connector = ConnectorMachine(TUNNEL, ("here",), CREDIT)
        self.stored: dict[str, Stored] = {}
        self.queue: deque[str] = deque()
        self.line: Line | None = None
        self.running: list[str] = []
        self.said: dict[str, Outcome] = {}
        self.long: set[str] = set()
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
    def it_is_quiet_for_a_while(self) -> None:
        """All that is on the way arrives: the store knows that an attempt works, by its present number."""
        for _ in range(10 * len(self.stored) + 10):
            self.pass_on()
        for delivery in self.long:
            stored = self.stored[delivery]
            assert not stored.sent or stored.prolonged == stored.attempt

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
        self.finish(delivery, outcome)

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def an_attempt_says_that_it_works(self, data: st.DataObject) -> None:
        delivery = data.draw(st.sampled_from(self.running))
        self.long.add(delivery)
        self.carry_out(self.connector.works(delivery))

    @precondition(lambda self: set(self.stored) - set(self.running))
    @rule(data=st.data())
    def one_that_does_not_run_says_so_to_nobody(self, data: st.DataObject) -> None:
        delivery = data.draw(st.sampled_from(sorted(set(self.stored) - set(self.running))))
        assert self.connector.works(delivery) == []

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
        self.it_is_quiet_for_a_while()
        for _ in range(30 * len(self.stored) + 30):
            self.drain()
        assert all(stored.outcome is not None for stored in self.stored.values())
        assert self.connector.is_idle
        assert self.line
        assert self.line.server.in_flight == 0

    def pass_on(self) -> None:
        assert self.line
        if self.line.up:
            self.the_server_hears()
        if self.line.down:
            self.the_connector_hears()
        if self.line.settling:
            self.the_store_settles()
        self.the_server_takes()

    def drain(self) -> None:
        assert self.line
        if not (self.line.up or self.line.down or self.line.settling or self.running or self.queue):
            # A lost parcel of an attempt that succeeds one still running is repaired by its deadline.
            for delivery in [delivery for delivery, stored in self.stored.items() if stored.sent]:
                self.give_back(delivery)
        if self.running:
            self.finish(self.running.pop(), Outcome.DELIVERED)
        self.pass_on()

    def finish(self, delivery: str, outcome: Outcome) -> None:
        self.said[delivery] = outcome
        self.long.discard(delivery)
        self.carry_out(self.connector.finished(delivery, outcome, "note"))

    def carry_out(self, commands: list[ConnectorCommand]) -> None:
        for command in commands:
            match command:
                case Send(message):
                    assert self.line
                    if isinstance(message, Progress):
                        assert {item.delivery for item in message.items} <= self.long
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
                    held = {item.delivery: item.attempt for item in hello.holding}
                    for delivery, stored in self.stored.items():
                        if stored.sent and held.get(delivery) != stored.attempt:
                            self.give_back(delivery)
                    served = Served("here", SUBSCRIPTION, 30)
                    self.serve(self.line.server.opened(Welcome("s", 15, 5, (served,))))
                case Settle(result):
                    self.line.settling.append(result)
                case Prolong(working):
                    self.prolong(working)
                case GiveBack():
                    raise AssertionError("nobody said goodbye")

    def prolong(self, working: Working) -> None:
        stored = self.stored[working.delivery]
        assert working.attempt <= stored.attempt
        if stored.sent and stored.attempt == working.attempt:
            stored.prolonged = working.attempt

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


TestTunnelModel = TunnelModel.TestCase
TestTunnelModel.settings = settings(max_examples=250, stateful_step_count=60, deadline=None)
