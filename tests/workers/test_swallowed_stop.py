"""A wish to stop that something swallowed: RQ tells an idle worker by an exception, anywhere in its code."""

import os
import signal
import time

import redis
from rq import Queue
from rq.serializers import JSONSerializer

from workers.worker import FleetJob, FleetWorker

_PATIENCE_S = 1
_SOON_S = 10  # less than RQ's own patience


class Swallowing(FleetWorker):
    """Is asked to stop in the last moment before it waits for a job, and the exception never arrives."""

    patience_s = _PATIENCE_S

    def procline(self, message: str) -> None:
        super().procline(message)
        if message.startswith("Listening"):
            os.kill(os.getpid(), signal.SIGTERM)

    def _shutdown(self) -> None:
        """Raise nothing."""


def test_it_stops_when_it_next_looks_round(redis_url: str) -> None:
    connection = redis.Redis.from_url(redis_url)
    queue = Queue("events", connection=connection, serializer=JSONSerializer, job_class=FleetJob)
    worker = Swallowing([queue], connection=connection, serializer=JSONSerializer)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    began_s = time.monotonic()
    try:
        worker.work(logging_level="ERROR", max_idle_time=2 * _SOON_S)
    finally:
        for number, disposition in before.items():
            signal.signal(number, disposition)
    connection.close()
    assert time.monotonic() - began_s < _SOON_S
