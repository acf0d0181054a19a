"""Laws of the shared queue, whatever the order in which senders, workers that die and sweepers act: every
event is decided once, and every line comes to its end."""

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.connect import SyncStore
from store.events import accept
from tests.shared_queue import SharedQueue

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("accept"), st.integers(0, 2), st.integers(1, 9)),
        st.tuples(
            st.sampled_from(["take", "begin", "finish", "die", "rerun"]), st.integers(0, 3), st.just(0)
        ),
        st.tuples(st.just("sweep"), st.sampled_from([0, 250, 16_000, 21_000]), st.just(0)),
    ),
    max_size=40,
)


@dataclass
class Worker:
    """A worker with a job: taken, perhaps begun."""

    job: str
    events: list[str] | None = None


@dataclass
class Floor:
    """Workers around a queue."""

    queue: SharedQueue
    workers: list[Worker] = field(default_factory=list)

    def step(self, what: str, pick: int, count: int) -> None:
        queue = self.queue
        worker = self.workers[pick % len(self.workers)] if self.workers else None
        match what:
            case "accept":
                queue.accept(pick, count)
            case "sweep":
                queue.now += pick
                queue.sweep()
            case "take":
                job = queue.take()
                self.workers += [Worker(job)] if job else []
            case _ if worker is None:
                pass
            case "begin":
                worker.events = worker.events or queue.begin(worker.job)
            case "rerun":
                # RQ runs a job again; what the first run held it may still decide.
                queue.begin(worker.job)
            case "finish":
                queue.decide(worker.events or [])
                self.workers.remove(worker)
            case _:
                self.workers.remove(worker)

    def drain(self) -> None:
        """The workers die, and new ones do their work until nothing waits."""
        queue = self.queue
        self.workers.clear()
        for _ in range(200):
            if not any(queue.state(event) == "waiting" for event in queue.sent):
                return
            while queue.jobs():
                queue.work()
            queue.now += 21_000
            queue.sweep()
        raise AssertionError("Something waits for ever.")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_event_is_decided_once_and_no_line_is_left(
    redis_url: str, steps: list[tuple[str, int, int]]
) -> None:
    store = SyncStore(redis_url)
    store.client.execute_command("FLUSHALL")
    floor = Floor(SharedQueue(store))
    queue = floor.queue
    for step in steps:
        floor.step(*step)
        standing = queue.standing()
        assert len(set(standing)) == len(standing)
        assert standing == [] or all(queue.line(int(gateway[3:])) for gateway in standing)
        assert queue.hands.command("LLEN", "fleet:fed") <= 4
    assert queue.hands.differences() == []
    floor.drain()
    assert {queue.state(event) for event in queue.sent} <= {"unmatched", "set_aside"}
    assert queue.hands.differences() == []
    ledgers = [world.counts() for world in queue.worlds]
    decided = [ledger.get("event:unmatched", 0) + ledger.get("event:set_aside", 0) for ledger in ledgers]
    assert decided == [ledger.get("event:accepted", 0) for ledger in ledgers]
    assert sum(decided) == len(queue.sent)
    assert queue.standing() == []
    assert queue.hands.command("KEYS", "fleet:line:*") == []
    assert queue.hands.command("KEYS", "fleet:members:*") == []
    store.close()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counts=st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_what_is_accepted_twice_stands_in_line_once(redis_url: str, counts: list[int]) -> None:
    store = SyncStore(redis_url)
    store.client.execute_command("FLUSHALL")
    queue = SharedQueue(store)
    world = queue.worlds[0]
    for count in counts:
        candidates = [world.candidate() for _ in range(count)]
        call = accept(candidates, queue.limits, world.id("job"), queue.now)
        world.run(call)
        before = world.dump()
        world.run(call)
        assert world.dump() == before
    store.close()
