"""What the relay's machine of a tunnel does step by step, and what it refuses."""

import pytest

from domain.delivery import Outcome
from relay.tunnel.commands import Echo, GiveBack, Open, Prolong, Send, Settle
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
    Working,
)
from relay.tunnel.server_machine import MAX_TAKE, Ask, ServerMachine
from tests.tunnel_messages import HELLO, SUB_A, SUB_B, TUNNEL, WELCOME, delivery, parcel, result


def open_server(hello: Hello = HELLO) -> ServerMachine:
    server = ServerMachine()
    assert server.receive(hello) == [Open(hello)]
    assert server.opened(WELCOME)[0] == Send(WELCOME)
    return server


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


def test_a_beat_that_is_said_back_is_told_and_one_of_the_connectors_own_is_not() -> None:
    server = open_server()
    assert server.receive(Beat(7)) == [Echo(7)]
    assert server.receive(Beat()) == []


def test_an_attempt_under_way_is_prolonged_and_no_other() -> None:
    server = open_server()
    server.took(asked(server), [Held(delivery(1), 2, 2)])
    words = [Working(delivery(1), 2), Working(delivery(1), 1), Working(delivery(2), 1)]
    assert server.receive(Progress(tuple(words))) == [Prolong(words[0])]
    server.receive(Results((result(1, 2),)))
    assert server.receive(Progress((words[0],))) == []


def test_what_was_held_before_a_reconnection_is_prolonged_after_it() -> None:
    server = open_server(Hello(TUNNEL, ("a", "b"), 2, (Held(delivery(1), 1, 1),)))
    assert server.receive(Progress((Working(delivery(1), 1),))) == [Prolong(Working(delivery(1), 1))]


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


def test_a_server_that_rests_asks_for_nothing_and_settles_what_flies() -> None:
    server = open_server()
    server.took(asked(server), [Held(delivery(1), 1, 1)])
    server.rest()
    server.ring(SUB_A)
    assert server.asking() is None
    assert server.receive(Results((result(1),))) == [Settle(result(1), 1)]
    confirmed = Confirmed(delivery(1), 1)
    assert server.settled(confirmed) == [Send(Settled((confirmed,)))]
    assert server.asking() is None


def test_a_server_may_rest_before_the_tunnel_is_open() -> None:
    server = ServerMachine()
    server.receive(HELLO)
    server.rest()
    assert server.opened(WELCOME)[0] == Send(WELCOME)
    assert server.asking() is None
