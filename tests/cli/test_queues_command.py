"""`fleet queues`: what operators see and do; others are refused with a sentence."""

import pytest

from cli.exits import Exit
from store import gateways
from tests.command_line import Fleet
from tests.world import World


@pytest.fixture
def operator(world: World) -> World:
    world.run(gateways.set_operator(world.gateway, is_operator=True))
    return world


def test_queues_and_what_is_missing_are_shown(fleet: Fleet, operator: World) -> None:
    operator.accept()
    done = fleet("queues")
    assert (done.code, done.err) == (0, "")
    assert [line.split()[:2] for line in done.out.splitlines() if line.startswith("events ")] == [
        ["events", "1"]
    ]
    assert "1 events wait to be verified, 0 deliveries for a retry." in done.out
    assert "NO WORKER for the queue events: start one with 'fleet run worker events'." in done.out
    assert "NO SWEEPER is on duty" in done.out
    assert fleet("queues", "--json").json["events_waiting"] == 1


@pytest.mark.usefixtures("operator")
def test_workers_are_suspended_for_a_time_and_resumed(fleet: Fleet) -> None:
    assert "SUSPENDED for another 10 m: events wait," in fleet("queues", "suspend", "--for", "10m").out
    assert fleet("status", "--json").json["suspended"] is True
    assert fleet("queues", "resume", "--json").json["suspended"] is False
    assert "SUSPENDED: events wait" in fleet("queues", "suspend").out
    assert fleet("queues", "suspend", "--for", "2d").code == Exit.WRONG_USE


def test_who_is_no_operator_is_told_so(fleet: Fleet) -> None:
    done = fleet("queues")
    assert (done.code, done.out, done.err.count("\n")) == (Exit.FAILED, "", 1)
    assert "operator" in done.err
