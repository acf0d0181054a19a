"""What the sweeper on duty tells of the whole server, compared with a world that is known."""

from collections.abc import Callable, Iterator

import pytest
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import CollectorRegistry

from cli.metrics import of_server
from cli.metrics.of_server import ServerCollector
from domain.delivery import Step
from store import keys, queues, rq_names
from store.connect import SyncStore
from tests.world import World

Numbers = dict[tuple[str, ...], float]


@pytest.fixture
def world(redis_url: str) -> Iterator[World]:
    store = SyncStore(redis_url)
    yield World(store)
    store.close()


@pytest.fixture
def look(world: World, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Numbers]]:
    """Looks at the world, anew every time."""
    monkeypatch.setattr(of_server, "_FRESH_S", 0.0)
    store = SyncStore(redis_url)

    def numbers(*, names_tunnels: bool = False, on_duty: bool = True) -> Numbers:
        return seen(ServerCollector(store, lambda: world.now, lambda: on_duty, names_tunnels=names_tunnels))

    yield numbers
    store.close()


def seen(collector: ServerCollector) -> Numbers:
    registry = CollectorRegistry()
    registry.register(collector)
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {
        (each.name.removeprefix("fleet_"), *each.labels.values()): each.value
        for family in families
        for each in family.samples
    }


def test_the_ledger_of_all_gateways_is_added_up(
    world: World, look: Callable[..., Numbers], redis_url: str
) -> None:
    subscription = world.subscribe()
    world.settle(world.delivered(subscription), Step.DELIVER)
    world.delivered(subscription)
    second = SyncStore(redis_url)
    other = World(second, "gw_2", made=1000)
    other.accept(3)
    second.close()
    numbers = look()
    assert numbers["ledger_accepted",] == 5
    assert numbers["ledger_events", "waiting"] == 3
    assert numbers["ledger_events", "fanned_out"] == 2
    assert numbers["ledger_created",] == 2
    assert numbers["ledger_deliveries", "delivered"] == 1
    assert numbers["ledger_deliveries", "in_flight"] == 1
    assert numbers["stored_events",] == 4
    assert numbers["stored_bytes",] == 4 * len(b"sealed body")
    assert numbers["unaccounted_events",] == numbers["unaccounted_deliveries",] == 0


def test_books_that_do_not_balance_are_not_evened_out_by_others(
    world: World, look: Callable[..., Numbers], redis_url: str
) -> None:
    second = SyncStore(redis_url)
    World(second, "gw_2", made=1000)
    second.close()
    world.command("HINCRBY", keys.counts("gw_1"), "event:accepted", 2)
    world.command("HINCRBY", keys.counts("gw_2"), "event:waiting", 2)
    world.command("HINCRBY", keys.counts("gw_2"), "delivery:in_flight", -1)
    numbers = look()
    assert numbers["unaccounted_events",] == 4
    assert numbers["unaccounted_deliveries",] == 1


def test_queues_say_how_many_wait_and_how_long_the_oldest_has(
    world: World, look: Callable[..., Numbers]
) -> None:
    assert look()["queue_oldest_seconds", "events"] == 0
    world.accept(1)
    world.now += 5000
    world.accept(1)
    world.now += 2500
    numbers = look()
    assert numbers["queue_jobs", "events"] == 2
    assert numbers["queue_oldest_seconds", "events"] == 7.5
    assert numbers["queue_jobs", "deliveries"] == numbers["queue_jobs", "git"] == 0
    world.command("SADD", rq_names.WORKERS, "rq:worker:one")
    world.command("HSET", "rq:worker:one", "queues", "git")
    world.command("ZADD", rq_names.FAILED_PREFIX + "deliveries", world.now, "job_1")
    world.run(queues.suspend(60))
    # Its hash is gone: it does not say how old it is.
    world.command("DEL", *(rq_names.JOB_PREFIX + job for job in world.queue("events")))
    numbers = look()
    assert numbers["queue_workers", "git"] == 1
    assert numbers["queue_workers", "events"] == 0
    assert numbers["queue_failed_jobs", "deliveries"] == 1
    assert numbers["queue_oldest_seconds", "events"] == 0
    assert numbers["workers_suspended",] == 1


def test_retries_that_wait_are_told(world: World, look: Callable[..., Numbers]) -> None:
    taken = world.delivered(world.subscribe())
    assert look()["retries_waiting",] == 0
    world.settle(taken, Step.RETRY, world.now + 5000)
    assert look()["retries_waiting",] == 1


def test_streams_say_what_waits_what_is_taken_and_for_whom_nobody_is_there(
    world: World, look: Callable[..., Numbers]
) -> None:
    served, unserved = world.subscribe("served"), world.subscribe("unserved")
    for event in world.accept(3):
        world.fan_out(event, served, unserved)
    world.take(served, count=2)
    world.open_tunnel(unserved, tunnel="tun_2")
    world.store.run(of_server.tunnels.close_tunnel("gw_1", "tun_2", "s1", world.now))
    numbers = look()
    assert numbers["stream_waiting",] == 1 + 3
    assert numbers["stream_taken",] == 2
    assert numbers["stream_unserved",] == 3
    assert numbers["tunnels_live",] == 1
    assert numbers["tunnel_backlog", "", ""] == 1


def test_tunnels_are_named_only_where_that_is_wished_for(world: World, look: Callable[..., Numbers]) -> None:
    assert look()["tunnel_backlog", "", ""] == 0
    one, two = world.subscribe("one"), world.subscribe("two")
    for event in world.accept(3):
        world.fan_out(event, one)
    world.open_tunnel(one, two, tunnel="tun_1")
    world.open_tunnel(two, tunnel="tun_2")
    named = {key[1:]: value for key, value in look(names_tunnels=True).items() if key[0] == "tunnel_backlog"}
    assert named == {("gw_1", "tun_1"): 3, ("gw_1", "tun_2"): 0}


def test_what_is_due_and_how_late(world: World, look: Callable[..., Numbers]) -> None:
    assert look()["overdue_seconds",] == 0
    world.accept(1)
    assert (look()["due_members",], look()["overdue_seconds",]) == (1, 0)
    world.now += world.limits.recovery_ms + 1500
    assert look()["overdue_seconds",] == 1.5


def test_redis_says_how_full_it_is(world: World, look: Callable[..., Numbers]) -> None:
    numbers = look()
    assert numbers["redis_up",] == 1
    assert numbers["redis_memory_share",] == 0
    world.command("CONFIG", "SET", "maxmemory", 1 << 30)
    numbers = look()
    assert 0 < numbers["redis_memory_share",] < 0.1
    assert numbers["redis_memory_share",] == pytest.approx(numbers["redis_used_bytes",] / (1 << 30), rel=0.2)


def test_who_stands_by_says_nothing_of_the_server(look: Callable[..., Numbers]) -> None:
    assert look(on_duty=False) == {}


def test_a_redis_that_is_away_is_a_number_too() -> None:
    store = SyncStore("unix:///nonexistent/redis.sock")
    assert seen(ServerCollector(store, lambda: 0, lambda: True, names_tunnels=False)) == {("redis_up",): 0}
    store.close()


def test_however_many_ask_redis_is_asked_once(world: World, redis_url: str) -> None:
    store = SyncStore(redis_url)
    collector = ServerCollector(store, lambda: world.now, lambda: True, names_tunnels=False)
    assert seen(collector)["ledger_accepted",] == 0
    world.accept(1)
    assert seen(collector)["ledger_accepted",] == 0
    store.close()
