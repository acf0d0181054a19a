"""`fleet events`: the real command line, the real control API, a real Redis."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.connect import SyncStore
from tests.command_line import Fleet, fleet_command
from tests.owner_door import Owner, clock_ms, new_gateway, owner_door
from tests.world import World


@pytest.fixture(scope="module")
def address(redis_server: str) -> Iterator[str]:
    with owner_door(redis_server) as address:
        yield address


@pytest.fixture
def home(redis_url: str) -> tuple[str, str]:
    """A Gateway ID and its access token."""
    gateway, token = new_gateway(redis_url, "home")
    return gateway.id, token


@pytest.fixture
def fleet(
    address: str,
    home: tuple[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Fleet:
    environ = {
        "FLEET_API_URL": f"http://{address}",
        "FLEET_TOKEN": home[1],
        "FLEET_STATE_DIR": str(tmp_path),
    }
    return fleet_command(monkeypatch, capsys, environ)


@pytest.fixture
def world(redis_url: str, home: tuple[str, str]) -> Iterator[World]:
    store = SyncStore(redis_url)
    yield World(store, home[0], now=clock_ms())
    store.close()


def test_events_that_were_set_aside_are_listed_and_retried(fleet: Fleet, world: World) -> None:
    events = [world.set_aside() for _ in range(3)]
    assert fleet("events", "list").out.count("set_aside") == 3
    done = fleet("events", "retry", events[0])
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("1 wait for a worker again")
    assert sorted(fleet("events", "retry", "--set-aside", "--json").json["retried"]) == sorted(events[1:])
    assert world.counts() == {"event:accepted": 3, "event:waiting": 3}
    assert fleet("events", "retry", "--set-aside").out == "No event is set aside.\n"
    assert fleet("events", "show", events[1], "--json").json["state"] == "waiting"


def test_more_than_a_listing_shows_are_retried(fleet: Fleet, world: World) -> None:
    events = world.accept(101)
    for event in events:
        world.command("HSET", f"fleet:event:{event}", "state", "set_aside")
    world.command("LPUSH", f"fleet:log:{world.gateway}", *events)
    assert len(fleet("events", "retry", "--set-aside", "--json").json["retried"]) == 101


def test_what_cannot_be_retried_is_told(fleet: Fleet, world: World) -> None:
    [event] = world.accept()
    done = fleet("events", "retry", event)
    assert (done.code, done.err) == (1, f"{event} is waiting, not set_aside; there is nothing to retry.\n")
    assert fleet("events", "retry", "evt_nothing").code == 1


@pytest.mark.parametrize("words", [[], ["evt_1", "--set-aside"]])
def test_either_events_are_named_or_all_are_meant(fleet: Fleet, words: list[str]) -> None:
    assert fleet("events", "retry", *words).code == 2


def test_events_are_listed_by_no_other_state(address: str, home: tuple[str, str]) -> None:
    answer = Owner(address, home[1]).ask("GET", "/events?state=dead")
    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
