"""A worker that RQ took for dead ends, so that a new one is started and everybody sees it."""

from collections.abc import Callable

import pytest
import redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer
from structlog.testing import capture_logs

from workers.worker import FleetJob, FleetWorker

_PATIENCE_S = 2


class Frozen(FleetWorker):
    """Something befalls it when it has just begun to work."""

    befalls: Callable[["Frozen"], object]

    def clean_registries(self) -> None:
        super().clean_registries()
        self.befalls(self)


def lapse(worker: Frozen) -> None:
    """Its key is gone, and another worker cleaned up, as after kill -STOP; then it gives signs of life."""
    worker.connection.delete(worker.key)
    unlist(worker)


def expire(worker: Frozen) -> None:
    """Its key is gone, and nobody has cleaned up yet."""
    worker.connection.delete(worker.key)


def unlist(worker: Frozen) -> None:
    """It was cleaned away in the moment in which it came back."""
    worker.connection.srem(worker.redis_workers_keys, worker.key)


def events_log(redis_url: str, befalls: Callable[[Frozen], object]) -> list[str]:
    """What a worker says that works until it ends by itself."""
    connection = redis.Redis.from_url(redis_url)
    queue = Queue("events", connection=connection, serializer=JSONSerializer, job_class=FleetJob)
    worker = Frozen([queue], connection=connection, serializer=JSONSerializer, maintenance_interval=0)
    worker.befalls = befalls
    with capture_logs() as said:
        worker.work(max_idle_time=_PATIENCE_S, logging_level="ERROR")
    assert Worker.all(connection=connection, serializer=JSONSerializer) == []
    connection.close()
    return [line["event"] for line in said]


@pytest.mark.parametrize("befalls", [lapse, expire, unlist])
def test_who_is_forgotten_ends(redis_url: str, befalls: Callable[[Frozen], object]) -> None:
    assert events_log(redis_url, befalls) == ["worker_forgotten"]


def test_who_is_known_stays(redis_url: str) -> None:
    assert events_log(redis_url, lambda worker: worker.heartbeat()) == []
