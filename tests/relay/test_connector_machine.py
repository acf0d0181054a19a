"""What the connector's machine of a tunnel does step by step, and what it refuses."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.delivery import Outcome
from relay.tunnel.commands import Opened, Refused, Send, Start
from relay.tunnel.connector_machine import ConnectorMachine
from relay.tunnel.messages import (
    MAX_HOLDING,
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
from relay.tunnel.problem import Problem, ProblemCode
from tests.tunnel_messages import HELLO, TUNNEL, WELCOME, delivery, parcel, result


def open_connector(credit: int = 2, remembered: int = 100) -> ConnectorMachine:
    connector = ConnectorMachine(TUNNEL, ("a", "b"), credit, remembered)
    assert connector.connected() == [Send(Hello(TUNNEL, ("a", "b"), credit))]
    assert connector.receive(WELCOME) == [Opened(WELCOME)]
    return connector


@pytest.mark.parametrize("message", [parcel(1), Beat(), Settled((Confirmed(delivery(1), 1),)), HELLO, Bye()])
def test_a_connector_hears_nothing_before_the_welcome(message: Message) -> None:
    connector = ConnectorMachine(TUNNEL, ("a", "b"), 1)
    connector.connected()
    with pytest.raises(ProtocolError, match="not expected"):
        connector.receive(message)


def test_a_connector_says_who_it_is() -> None:
    connector = ConnectorMachine(TUNNEL, ("a",), 1, name="laptop", release="1.2.3")
    assert connector.connected() == [Send(Hello(TUNNEL, ("a",), 1, name="laptop", release="1.2.3"))]


def test_every_beat_is_said_back_at_once() -> None:
    assert open_connector().receive(Beat(7)) == [Send(Beat(7))]


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


def test_an_attempt_that_works_says_so_until_it_is_answered() -> None:
    connector = open_connector()
    connector.receive(parcel(1))
    assert connector.works(delivery(1)) == [Send(Progress((Working(delivery(1), 1),)))]
    connector.finished(delivery(1), Outcome.DELIVERED)
    assert connector.works(delivery(1)) == []
    connector.receive(Settled((Confirmed(delivery(1), 1),)))
    assert connector.works(delivery(1)) == []


def test_what_works_is_said_again_when_the_tunnel_is_back() -> None:
    connector = open_connector()
    connector.receive(parcel(1))
    connector.receive(parcel(2))
    connector.disconnected()
    assert connector.works(delivery(2)) == []
    connector.connected()
    assert connector.receive(WELCOME) == [Opened(WELCOME), Send(Progress((Working(delivery(2), 1),)))]


def test_what_works_says_so_for_the_attempt_that_follows() -> None:
    connector = open_connector()
    connector.receive(parcel(1))
    connector.works(delivery(1))
    assert connector.receive(parcel(1, attempt=2)) == [Send(Progress((Working(delivery(1), 2),)))]


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


def test_a_server_that_never_settles_is_left_before_its_answers_fill_the_memory() -> None:
    connector = open_connector(credit=1, remembered=MAX_HOLDING)
    for number in range(MAX_HOLDING):
        connector.receive(parcel(number))
        connector.finished(delivery(number), Outcome.DELIVERED, "200")
    with pytest.raises(ProtocolError, match="settles none of our answers"):
        connector.receive(parcel(MAX_HOLDING))
    connector.receive(Settled((Confirmed(delivery(0), 1),)))
    connector.receive(parcel(0))
    with pytest.raises(ProtocolError, match="settles none of our answers"):
        connector.receive(parcel(MAX_HOLDING))
