"""Queues in the control API: for operators, and as RQ sees them."""

from collections.abc import Iterator

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from rq.suspension import is_suspended
from rq.worker import WorkerStatus

from store.connect import SyncStore
from tests.owner_door import Owner, new_gateway
from tests.world import World


@pytest.fixture
def client(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def owner(address: str, redis_url: str) -> Owner:
    return Owner(address, new_gateway(redis_url, "home")[1])


@pytest.fixture
def operator(address: str, redis_url: str) -> Owner:
    return Owner(address, new_gateway(redis_url, "house", is_operator=True)[1])


def test_an_operator_sees_queues_workers_and_redis(operator: Owner, client: Redis, redis_url: str) -> None:
    store = SyncStore(redis_url)
    world = World(store)
    world.accept()
    queue = Queue("events", connection=client, serializer=JSONSerializer)
    worker = SimpleWorker([queue], connection=client, serializer=JSONSerializer)
    worker.register_birth()
    worker.set_state(WorkerStatus.BUSY)
    worker.set_current_job_id(world.queue("events")[0])
    client.config_set("maxmemory", 1 << 30)
    store.close()
    answer = operator.ask("GET", "/queues")
    assert answer.status == 200
    found = answer.json
    assert found["queues"][0] == {
        "name": "events",
        "depth": 1,
        "oldest_at": "2027-01-15T08:00:00.000Z",
        "started": 0,
        "failed": 0,
    }
    [at_work] = found["workers"]
    assert (at_work["name"], at_work["state"], at_work["doing"]) == (worker.name, "busy", "verify a batch")
    assert (at_work["host"], at_work["pid"], at_work["since"]) == (worker.hostname, worker.pid, None)
    assert (found["retries"], found["events_waiting"], found["sweeper"]) == (0, 1, False)
    assert found["redis"]["max_bytes"] == 1 << 30
    assert found["redis"]["share"] == found["redis"]["used_bytes"] / (1 << 30)
    assert found["redis"]["version"]


def test_an_operator_suspends_and_resumes_what_rq_would(operator: Owner, client: Redis) -> None:
    paused = operator.ask("POST", "/queues/suspend", {})
    assert (paused.status, paused.json["suspended"], paused.json["suspended_until"]) == (200, True, None)
    assert is_suspended(client)
    assert operator.ask("POST", "/queues/suspend", {"for_s": 60}).json["suspended_until"] > "20"
    assert operator.ask("GET", "/queues").json["suspended"]
    resumed = operator.ask("POST", "/queues/resume")
    assert (resumed.status, resumed.json["suspended"], resumed.json["suspended_until"]) == (200, False, None)
    assert not is_suspended(client)


@pytest.mark.parametrize("for_s", [0, 86_401, "60", True, 1.5])
def test_a_pause_has_bounds(operator: Owner, client: Redis, for_s: object) -> None:
    refused = operator.ask("POST", "/queues/suspend", {"for_s": for_s})
    assert (refused.status, refused.json["code"]) == (422, "invalid_input")
    assert not is_suspended(client)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/queues"), ("POST", "/queues/suspend"), ("POST", "/queues/resume")]
)
def test_what_all_share_is_for_operators(owner: Owner, client: Redis, method: str, path: str) -> None:
    client.set("rq:suspended", 1)
    refused = owner.ask(method, path, {})
    assert (refused.status, refused.json["code"]) == (403, "operator_only")
    assert "fleet gateways operator" in refused.json["detail"]
    assert client.get("rq:suspended") == b"1"
