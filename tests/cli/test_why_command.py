"""`fleet why`: the story of real events, told by the real command line."""

from cli.exits import Exit
from domain.passed_over import Because, PassedOver
from store.decisions import Decision
from tests.command_line import Fleet
from tests.the_dead import die
from tests.world import World


def test_what_died_is_told_to_the_end(fleet: Fleet, world: World) -> None:
    [dead] = die(world, world.subscribe("app"), note="connection refused", tunnel=world.id("tun"))
    event = f"evt_{dead.split('_')[1]}"
    done = fleet("why", event)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{event} of ")
    assert " UTC is FAILED: out of attempts, the last one: connection refused.\n" in done.out
    assert "was accepted at hook (5 bytes)." in done.out
    assert "It matched the subscription app.\n" in done.out
    assert "Attempt 1: failed, connection refused, after 0 ms.\n" in done.out
    assert done.out.endswith(
        "What to do:\n"
        "  Nothing listens at the target's address: start the program there.\n"
        f"  Then try again: 'fleet deliveries retry {dead}'\n"
    )
    assert fleet("deliveries", "retry", dead).out == "1 retried.\n"
    assert fleet("why", event, "--json").json["outcome"] == "under_way"


def test_who_serves_it_is_asked_where_it_waits(fleet: Fleet, world: World) -> None:
    app = world.subscribe("app")
    [event] = world.accept()
    world.fan_out(event, app)
    assert "none that serves app is connected" in fleet("why", event).out
    assert fleet("why", event, "--json").json["advice"] == [
        "Start a connector for it: 'fleet connect app=URL'. Nothing is lost meanwhile."
    ]


def test_what_nobody_wanted_says_who_was_passed_over(fleet: Fleet, world: World) -> None:
    [event] = world.accept()
    world.decide(Decision(event, "push", "", "", "", ()))
    told = fleet("why", event).out
    assert "is unmatched: no subscription wanted it, so nobody got it." in told
    assert "'fleet subscriptions add NAME --webhook hook --events push'" in told


def test_an_expression_that_passed_it_over_is_shown_with_the_reason(fleet: Fleet, world: World) -> None:
    false, failed = world.subscribe("review"), world.subscribe("deploy")
    [event] = world.accept()
    passed = (
        PassedOver(false, Because.EXPRESSION, ("body.a && !body.b",)),
        PassedOver(failed, Because.EXPRESSION_FAILED, ("body.c == 3",), "too_slow"),
    )
    world.decide(Decision(event, "push", "", "", "", (), passed_over=passed))
    told = fleet("why", event).out
    assert "It passed over review: this event does not fulfil its expression, body.a && !body.b." in told
    assert "Not for deploy: its expression failed: it takes too long." in fleet("events", "show", event).out
    assert "It passed over deploy: its expression failed: it takes too long. It is body.c == 3." in told


def test_an_unknown_event_is_one_sentence(fleet: Fleet) -> None:
    done = fleet("why", "evt_nothing")
    assert (done.code, done.out, done.err.count("\n")) == (Exit.FAILED, "", 1)
