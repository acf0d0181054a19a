"""`fleet audit` while events come, when something is missing, and when Redis refuses."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from cli.audit import Finding, examine
from store.calls import Call
from store.connect import SyncStore
from tests.command_line import Fleet, fleet_command
from tests.world import World


class BusyStore(SyncStore):
    """Lets something happen whenever keys are looked for."""

    happens: Callable[[], object] = staticmethod(lambda: None)

    def run(self, call: Call):
        answer = super().run(call)
        if call.commands and call.commands[0][0] == "SCAN":
            self.happens()
        return answer


@pytest.fixture
def busy(redis_url: str) -> Iterator[BusyStore]:
    store = BusyStore(redis_url)
    yield store
    store.close()


@pytest.fixture
def world(busy: BusyStore) -> World:
    return World(busy)


@pytest.fixture
def other(busy: BusyStore) -> World:
    return World(busy, "gw_2", made=1000)


@pytest.fixture
def fleet(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Fleet:
    return fleet_command(
        monkeypatch, capsys, {"FLEET_REDIS_URL": redis_url, "FLEET_STATE_DIR": str(tmp_path)}
    )


def finding(store: SyncStore, gateway: str) -> Finding:
    return next(each for each in examine(store) if each.gateway.id == gateway)


def test_traffic_is_no_difference_and_hides_none_of_another_gateway(
    busy: BusyStore, world: World, other: World
) -> None:
    other.command("HINCRBY", f"fleet:counts:{other.gateway}", "stored:bytes", 7)
    busy.happens = world.accept
    assert (finding(busy, world.gateway).differences, finding(busy, world.gateway).moves) == ((), True)
    assert finding(busy, other.gateway).differences == ("bytes stored: 7, but those found: 0.",)


def test_a_gateway_is_compared_as_soon_as_it_stands_still(busy: BusyStore, world: World) -> None:
    left = [1, 1]
    busy.happens = lambda: left and world.accept(left.pop())
    assert (finding(busy, world.gateway).differences, finding(busy, world.gateway).moves) == ((), False)
    world.command("HINCRBY", f"fleet:counts:{world.gateway}", "stored:events", 1)
    assert finding(busy, world.gateway).differences == ("events stored: 3, but those found: 2.",)


def test_sums_are_checked_under_traffic_too(busy: BusyStore, world: World) -> None:
    world.command("HINCRBY", f"fleet:counts:{world.gateway}", "event:accepted", 5)
    busy.happens = world.accept
    [told] = finding(busy, world.gateway).differences
    assert told.startswith("events accepted: ")


def test_what_was_compared_is_told(fleet: Fleet, world: World) -> None:
    world.accept()
    done = fleet("audit", "--json")
    assert (done.code, done.json["balanced"], done.json["gateways"][0]["compared"]) == (0, True, True)


def test_a_refusal_by_redis_is_a_sentence(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = redis_url.removeprefix("unix://")
    environ = {
        "FLEET_REDIS_URL": f"unix://scanless@{path}?password=hush",
        "FLEET_STATE_DIR": str(tmp_path),
    }
    with redis.Redis.from_url(redis_url) as client:
        client.execute_command("ACL", "SETUSER", "scanless", "on", ">hush", "~*", "+@all", "-scan")
        try:
            done = fleet_command(monkeypatch, capsys, environ)("audit")
        finally:
            client.execute_command("ACL", "DELUSER", "scanless")
    assert (done.code, done.out) == (1, "")
    assert (
        done.err == "Redis does not allow this to the user in FLEET_REDIS_URL; the relay's user may do it.\n"
    )
