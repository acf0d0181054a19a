"""What the machines of a tunnel do step by step, and what they refuse."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.delivery import Outcome
from relay.tunnel.commands import GiveBack, Open, Opened, Refused, Send, Settle, Start
from relay.tunnel.connector_machine import ConnectorMachine
from relay.tunnel.messages import (
    MAX_UNSETTLED,
    Beat,
    Bye,
    Confirmed,
    Credit,
    Held,
    Hello,
    Message,
    Parcel,
    Problem,
    ProblemCode,
    ProtocolError,
    Result,
    Results,
    Served,
    Settled,
    Welcome,
)
from relay.tunnel.server_machine import MAX_TAKE, Ask, ServerMachine

TUNNEL = "tun_" + "0" * 23
SUB_A, SUB_B = "sub_" + "a" * 23, "sub_" + "b" * 23
SERVED = (Served("a", SUB_A, 30), Served("b", SUB_B, 60))
WELCOME = Welcome("session", 15, 5, SERVED)
HELLO = Hello(TUNNEL, ("a", "b"), 2)


def delivery(number: int, subscription: str = SUB_A) -> str:
    return f"dlv_{number:023d}_{subscription[4:]}"


def parcel(number: int, attempt: int = 1, generation: int = 1) -> Parcel:
    name = delivery(number)
    event = "evt_" + name.split("_")[1]
    return Parcel(name, attempt, attempt, generation, event, "push", SUB_A, "hook", "github", 1, 30, b"")


def result(number: int, attempt: int = 1, outcome: Outcome = Outcome.DELIVERED) -> Result:
    return Result(delivery(number), attempt, outcome)


def open_server(hello: Hello = HELLO) -> ServerMachine:
    server = ServerMachine()
    assert server.receive(hello) == [Open(hello)]
    assert server.opened(WELCOME)[0] == Send(WELCOME)
    return server


def open_connector(credit: int = 2, remembered: int = 100) -> ConnectorMachine:
    connector = ConnectorMachine(TUNNEL, ("a", "b"), credit, remembered)
    assert connector.connected() == [Send(Hello(TUNNEL, ("a", "b"), credit))]
    assert connector.receive(WELCOME) == [Opened(WELCOME)]
    return connector


def asked(server: ServerMachine) -> Ask:
    ask = server.asking()
    assert ask is not None
    return ask


@pytest.mark.parametrize("message", [Results((result(1),)), Credit(1), Bye(), Beat(), WELCOME, parcel(1)])
def test_a_server_hears_nothing_before_the_hello(message: Message) -> None:
    with pytest.raises(ProtocolError, match="not expected"):
        ServerMachine().receive(message)


@pytest.mark.parametrize("message", [HELLO, WELCOME, parcel(1), Settled((Confirmed(delivery(1), 1),))])
def test_an_open_server_refuses_what_only_servers_say_and_a_second_hello(message: Message) -> None:
    with pytest.raises(ProtocolError, match="not expected"):
        open_server().receive(message)


def test_a_server_hears_nothing_after_the_goodbye() -> None:
    server = open_server()
    assert server.receive(Bye()) == [GiveBack()]
    assert server.asking() is None
    with pytest.raises(ProtocolError):
        server.receive(Beat())


def test_a_subscription_named_twice_is_refused() -> None:
    with pytest.raises(ProtocolError, match="twice"):
        ServerMachine().receive(Hello(TUNNEL, ("a", "a"), 1))


def test_a_server_asks_for_all_subscriptions_first_and_then_only_for_those_that_rang() -> None:
    server = open_server()
    first = asked(server)
    assert (first.subscriptions, first.count) == ((SUB_A, SUB_B), 2)
    server.took(first, [])
    assert server.asking() is None
    server.ring("sub_" + "c" * 23)
    assert server.asking() is None
    server.ring(SUB_B)
    ask = asked(server)
    assert ask.subscriptions == (SUB_B,)
    server.ring()
    ask = asked(server)
    assert ask.subscriptions == (SUB_A, SUB_B)


def test_a_subscription_that_fills_the_credit_comes_last_the_next_time() -> None:
    server = open_server()
    ask = asked(server)
    server.took(ask, [Held(delivery(1), 1, 1), Held(delivery(2), 1, 1)])
    assert server.asking() is None
    server.receive(Results((result(1),)))
    ask = asked(server)
    assert (ask.subscriptions, ask.count) == ((SUB_B, SUB_A), 1)


def test_a_bell_during_the_taking_is_not_lost() -> None:
    server = open_server()
    ask = asked(server)
    server.ring(SUB_B)
    server.took(ask, [])
    ask = asked(server)
    assert ask.subscriptions == (SUB_B,)


def test_credit_widens_narrows_and_stops() -> None:
    server = open_server()
    server.receive(Credit(500))
    ask = asked(server)
    assert ask.count == MAX_TAKE
    server.ring()
    server.receive(Credit(0))
    assert server.asking() is None


def test_a_result_is_settled_with_its_tries_and_confirmed_once_settled() -> None:
    server = open_server()
    ask = asked(server)
    server.took(ask, [Held(delivery(1), 5, 2)])
    assert server.receive(Results((result(1, 5),))) == [Settle(result(1, 5), 2)]
    assert server.is_settling
    assert server.receive(Results((result(1, 5),))) == []
    assert server.settled(Confirmed(delivery(1), 5)) == [Send(Settled((Confirmed(delivery(1), 5),)))]
    assert not server.is_settling


def test_results_of_unknown_deliveries_and_older_attempts_are_confirmed_without_settling() -> None:
    server = open_server(Hello(TUNNEL, ("a", "b"), 2, (Held(delivery(1), 3, 3),)))
    assert server.receive(Results((result(1, 2), result(9)))) == [
        Send(Settled((Confirmed(delivery(1), 2),))),
        Send(Settled((Confirmed(delivery(9), 1),))),
    ]
    assert server.receive(Results((result(1, 3),))) == [Settle(result(1, 3), 3)]


def test_what_a_connector_holds_counts_as_in_flight() -> None:
    server = open_server(Hello(TUNNEL, ("a", "b"), 2, (Held(delivery(1), 1, 1), Held(delivery(2), 1, 1))))
    assert server.in_flight == 2
    assert server.asking() is None


def test_what_belongs_to_no_subscription_of_the_tunnel_cannot_be_answered() -> None:
    foreign = delivery(1, "sub_" + "f" * 23)
    server = ServerMachine()
    server.receive(Hello(TUNNEL, ("a", "b"), 2, (Held(foreign, 1, 1),)))
    assert server.opened(WELCOME) == [Send(WELCOME), Send(Settled((Confirmed(foreign, 1),)))]
    assert server.in_flight == 0
    assert server.receive(Results((Result(foreign, 1, Outcome.REFUSED),))) == [
        Send(Settled((Confirmed(foreign, 1),)))
    ]


def test_a_delivery_that_cannot_be_sent_frees_its_slot() -> None:
    server = open_server()
    ask = asked(server)
    server.took(ask, [Held(delivery(1), 1, 1)])
    server.drop(delivery(1))
    assert server.in_flight == 0


def test_results_that_are_not_settled_stop_the_taking() -> None:
    server = open_server()
    server.receive(Credit(1))
    for number in range(MAX_UNSETTLED):
        server.ring()
        ask = asked(server)
        server.took(ask, [Held(delivery(number), 1, 1)])
        server.receive(Results((result(number),)))
    server.ring()
    assert server.asking() is None
    server.settled(Confirmed(delivery(0), 1))
    assert server.asking() is not None


@pytest.mark.parametrize("message", [parcel(1), Beat(), Settled((Confirmed(delivery(1), 1),)), HELLO, Bye()])
def test_a_connector_hears_nothing_before_the_welcome(message: Message) -> None:
    connector = ConnectorMachine(TUNNEL, ("a", "b"), 1)
    connector.connected()
    with pytest.raises(ProtocolError, match="not expected"):
        connector.receive(message)


def test_a_welcome_to_other_subscriptions_is_refused() -> None:
    connector = ConnectorMachine(TUNNEL, ("b", "a"), 1)
    connector.connected()
    with pytest.raises(ProtocolError, match="other subscriptions"):
        connector.receive(WELCOME)


def test_a_problem_is_passed_on_at_any_time() -> None:
    problem = Problem(ProblemCode.UNKNOWN_SUBSCRIPTION, "There is no subscription 'a'.")
    connector = ConnectorMachine(TUNNEL, ("a",), 1)
    connector.connected()
    assert connector.receive(problem) == [Refused(problem)]
    assert problem.code.is_final
    assert not ProblemCode.UNAVAILABLE.is_final


def test_a_delivery_is_started_answered_and_forgotten_once_settled() -> None:
    connector = open_connector()
    assert connector.receive(parcel(1)) == [Start(parcel(1))]
    assert connector.running == 1
    assert connector.finished(delivery(1), Outcome.DELIVERED, "200") == [
        Send(Results((Result(delivery(1), 1, Outcome.DELIVERED, "200"),)))
    ]
    assert (connector.running, connector.is_idle) == (0, False)
    connector.receive(Settled((Confirmed(delivery(1), 1),)))
    assert connector.is_idle


def test_more_than_the_credit_is_refused() -> None:
    connector = open_connector(credit=1)
    connector.receive(parcel(1))
    with pytest.raises(ProtocolError, match="credit"):
        connector.receive(parcel(2))


def test_a_delivery_of_another_subscription_is_refused() -> None:
    with pytest.raises(ProtocolError, match="not asked for"):
        open_connector().receive(replace(parcel(1), subscription="sub_" + "c" * 23))


def test_an_unsettled_result_is_repeated_after_every_reconnection() -> None:
    connector = open_connector()
    connector.receive(parcel(1))
    connector.receive(parcel(2))
    connector.disconnected()
    assert connector.finished(delivery(1), Outcome.RETRY, "500", 7) == []
    for _ in range(2):
        held = (Held(delivery(1), 1, 1), Held(delivery(2), 1, 1))
        assert connector.connected() == [Send(Hello(TUNNEL, ("a", "b"), 2, held))]
        assert connector.receive(WELCOME) == [
            Opened(WELCOME),
            Send(Results((Result(delivery(1), 1, Outcome.RETRY, "500", 7),))),
        ]


@pytest.mark.parametrize("outcome", [Outcome.DELIVERED, Outcome.REFUSED])
@pytest.mark.parametrize("settled", [False, True])
def test_what_was_done_is_not_done_again_but_answered_again(outcome: Outcome, *, settled: bool) -> None:
    connector = open_connector()
    connector.receive(parcel(1))
    connector.finished(delivery(1), outcome, "note")
    if settled:
        connector.receive(Settled((Confirmed(delivery(1), 1),)))
    again = Result(delivery(1), 2, outcome, "note")
    assert connector.receive(parcel(1, attempt=2)) == [Send(Results((again,)))]
    connector.receive(Settled((Confirmed(delivery(1), 1),)))
    assert not connector.is_idle
    connector.receive(Settled((Confirmed(delivery(1), 2),)))
    assert connector.is_idle


def test_a_replay_is_done_again() -> None:
    connector = open_connector()
    connector.receive(parcel(1))
    connector.finished(delivery(1), Outcome.REFUSED)
    again = parcel(1, attempt=2, generation=2)
    assert connector.receive(again) == [Start(again)]


def test_a_retry_is_done_again_but_not_under_the_same_attempt() -> None:
    connector = open_connector()
    connector.receive(parcel(1))
    connector.finished(delivery(1), Outcome.RETRY)
    assert connector.receive(parcel(1)) == [Send(Results((result(1, 1, Outcome.RETRY),)))]
    assert connector.receive(parcel(1, attempt=2)) == [Start(parcel(1, attempt=2))]


def test_an_attempt_that_was_given_up_on_answers_for_its_successor() -> None:
    connector = open_connector(credit=1)
    connector.receive(parcel(1))
    assert connector.receive(parcel(1, attempt=2)) == []
    assert connector.finished(delivery(1), Outcome.DELIVERED) == [Send(Results((result(1, 2),)))]


def test_memory_is_bounded_and_forgets_the_oldest() -> None:
    connector = open_connector(remembered=2)
    for number in range(3):
        connector.receive(parcel(number))
        connector.finished(delivery(number), Outcome.DELIVERED)
        connector.receive(Settled((Confirmed(delivery(number), 1),)))
    assert connector.receive(parcel(2, 2)) == [Send(Results((result(2, 2),)))]
    assert connector.receive(parcel(0, 2)) == [Start(parcel(0, 2))]


def test_a_connector_that_stops_takes_nothing_more_and_says_so() -> None:
    connector = open_connector()
    connector.receive(parcel(1))
    assert connector.stop_taking() == [Send(Credit(0))]
    assert connector.receive(parcel(2)) == []
    connector.finished(delivery(1), Outcome.DELIVERED)
    connector.receive(Settled((Confirmed(delivery(1), 1),)))
    assert connector.is_idle
    assert connector.leave() == [Send(Bye())]


def test_a_stop_before_the_welcome_is_told_after_it() -> None:
    connector = ConnectorMachine(TUNNEL, ("a", "b"), 2)
    connector.connected()
    assert connector.stop_taking() == []
    assert connector.receive(WELCOME) == [Opened(WELCOME), Send(Credit(0))]
    connector.disconnected()
    assert connector.leave() == []
    assert connector.connected() == [Send(Hello(TUNNEL, ("a", "b"), 0))]
    assert connector.receive(WELCOME) == [Opened(WELCOME)]


@pytest.mark.parametrize("repeat", [open_connector, lambda: open_connector(credit=1)])
def test_a_second_welcome_is_refused(repeat: Callable[[], ConnectorMachine]) -> None:
    with pytest.raises(ProtocolError):
        repeat().receive(WELCOME)
