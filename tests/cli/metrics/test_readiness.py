"""Whether a process can do its work: what each of them is asked, and what it says when it cannot."""

import os
import socket
from collections.abc import Iterator

import pytest

from cli.metrics import readiness
from cli.metrics.instruments import Book
from cli.metrics.of_canary import CanaryMeters
from cli.metrics.of_workers import SweeperMeters
from domain.canary import Failure, Report
from store import rq_names
from store.connect import SyncStore
from tests.public_door import public_door
from tests.system.stack import free_port


@pytest.fixture
def store(redis_url: str) -> Iterator[SyncStore]:
    store = SyncStore(redis_url)
    yield store
    store.close()


def known_worker(store: SyncStore, host: str, pid: int) -> None:
    store.client.execute_command("SADD", rq_names.WORKERS_PREFIX + "events", "rq:worker:w")
    store.client.execute_command("HSET", "rq:worker:w", "hostname", host, "pid", pid)


def test_a_door_is_asked_itself(redis_url: str) -> None:
    with public_door(redis_url) as door:
        assert readiness.of_door("0.0.0.0", door.port, tls=False)() == ""  # noqa: S104 - what it listens on
    assert "does not say yes" in readiness.of_door("127.0.0.1", door.port, tls=False)()


def test_a_worker_is_ready_while_rq_knows_this_very_process(store: SyncStore, redis_url: str) -> None:
    why_not = readiness.of_worker(redis_url, "events")
    assert why_not() == "RQ does not know this process as a worker of events."
    known_worker(store, socket.gethostname(), os.getpid() + 1)
    assert why_not()
    known_worker(store, "elsewhere", os.getpid())
    assert why_not()
    known_worker(store, socket.gethostname(), os.getpid())
    assert why_not() == ""


def test_a_worker_without_redis_is_not_ready() -> None:
    assert readiness.of_worker(f"redis://127.0.0.1:{free_port()}", "git")() == "Redis does not answer."


def test_a_sweeper_is_ready_while_it_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    meters = SweeperMeters(Book())
    why_not = readiness.of_sweeper(meters)
    assert why_not() == "It has not swept yet."
    meters.swept(0, on_duty=False)
    now[0] += 9
    assert why_not() == ""
    now[0] += 2
    assert why_not() == "The last sweep was 11 s ago; see the log."


def test_a_canary_is_ready_while_it_comes_back() -> None:
    now = [1_000_000]
    meters = CanaryMeters(Book())
    why_not = readiness.of_canary(meters, lambda: now[0])
    assert why_not() == "Its first walk has not ended yet."
    meters.walked(Report(now[0], 60, good_at=now[0], latency_ms=12.5))
    assert why_not() == ""
    now[0] += 81_000
    assert why_not() == "Its next walk is overdue."
    meters.walked(Report(now[0], 60, Failure.LOST))
    assert why_not() == "It did not come back: lost."
