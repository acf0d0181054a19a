"""Lines: whoever has much waiting stands in a line of its own, and the lines take turns."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from store import webhooks
from store.connect import SyncStore
from store.sweeping import cancel, live_events, sweep
from tests.shared_queue import DUTY, SharedQueue
from tests.world import HOUR_MS


@pytest.fixture
def queue(redis_url: str) -> Iterator[SharedQueue]:
    store = SyncStore(redis_url)
    yield SharedQueue(store)
    store.close()


def test_who_has_much_waiting_stands_in_a_line_and_the_next_one_passes(queue: SharedQueue) -> None:
    flood = queue.accept(0, 20)
    assert queue.line(0) == flood[3:]
    assert queue.standing() == ["gw_0"]
    [event] = queue.accept(1, 1)
    assert queue.standing() == ["gw_0"]
    assert event in queue.work()
    assert queue.hands.differences() == []


def test_an_event_in_a_line_is_due_when_its_retention_ends_and_nobody_recovers_it(queue: SharedQueue) -> None:
    *_, last = queue.accept(0, 5)
    due = int(queue.hands.command("ZSCORE", "fleet:due", f"e:{last}"))
    assert due == queue.now + 72 * HOUR_MS
    assert queue.hands.field(f"fleet:event:{last}", "job") == ""
    # Also when the retention was longer when it came.
    queue.hands.command("ZADD", "fleet:due", queue.now, f"e:{last}")
    before = queue.jobs()
    queue.limits = replace(queue.limits, events=1)
    queue.hands.command("RPUSH", "fleet:fed", *(f"job_{number}" for number in range(4)))
    for number in range(4):
        queue.hands.command("HSET", f"fleet:batch:job_{number}", "closed", 0)
    queue.sweep()
    assert queue.jobs() == before
    assert int(queue.hands.command("ZSCORE", "fleet:due", f"e:{last}")) == due


def test_few_batches_of_the_lines_stand_in_the_queue_and_each_beginning_brings_one(
    queue: SharedQueue,
) -> None:
    queue.accept(0, 50)
    queue.work()
    assert len(queue.jobs()) == 4
    first = queue.take()
    assert first is not None
    assert len(queue.begin(first)) == 4
    assert len(queue.jobs()) == 4
    queue.sweep()
    assert len(queue.jobs()) == 4


def test_the_sweeper_feeds_when_no_worker_does(queue: SharedQueue) -> None:
    queue.accept(0, 12)
    queue.take()
    queue.sweep()
    assert [queue.hands.command("LLEN", f"fleet:members:{job}") for job in queue.jobs()] == [4, 4, 1]
    assert queue.standing() == []
    assert queue.hands.command("EXISTS", "fleet:line:gw_0") == 0


def test_what_is_fed_is_due_like_any_other(queue: SharedQueue) -> None:
    *_, last = queue.accept(0, 4)
    queue.now += 1000
    queue.sweep()
    assert int(queue.hands.command("ZSCORE", "fleet:due", f"e:{last}")) == queue.now + 20_000
    assert queue.hands.field(f"fleet:event:{last}", "job") == queue.jobs()[-1]


def test_the_lines_take_equal_parts_of_each_batch(queue: SharedQueue) -> None:
    for gateway, count in ((0, 40), (1, 20), (2, 20)):
        queue.accept(gateway, count)
    while "fleet:fed" not in [key.decode() for key in queue.hands.command("KEYS", "fleet:fed")]:
        queue.work()
    decided = Counter(queue.owner(event) for _ in range(9) for event in queue.work())
    assert max(decided.values()) - min(decided.values()) <= queue.limits.events


def test_a_batch_of_the_lines_stays_within_its_bytes(queue: SharedQueue) -> None:
    queue.limits = replace(queue.limits, size_bytes=100)
    queue.accept(0, 8, size=60)
    queue.sweep()
    sizes = [queue.hands.command("LLEN", f"fleet:members:{job}") for job in queue.jobs()[1:]]
    assert sizes == [2, 2, 1]


def test_nothing_new_joins_a_batch_of_the_lines(queue: SharedQueue) -> None:
    queue.accept(0, 5)
    queue.sweep()
    tail = queue.jobs()[-1]
    queue.accept(1, 1)
    assert queue.jobs()[-1] != tail


def test_a_line_does_not_wait_for_others_to_be_still(queue: SharedQueue) -> None:
    """Also while small gateways keep the queue full, so that it is never short."""
    queue.accept(0, 30)
    waiting = set(queue.sent)
    for round_ in range(60):
        queue.accept(1 + round_ % 2, 3 if round_ < 2 else 1)
        queue.now += 1001
        waiting -= set(queue.work())
    assert waiting == set()


def test_cancelled_and_expired_events_leave_their_line_when_their_turn_comes(queue: SharedQueue) -> None:
    world = queue.worlds[0]
    other = world.add_webhook("other")
    queue.accept(0, 10)
    [kept] = queue.accept(0, 1, webhook=other.id)
    world.run(webhooks.delete(world.gateway, world.webhook.id, queue.now))
    assert world.run(cancel([world.webhook.id], world.run(live_events(0))[1], world.now)) == 10
    assert world.differences() == []
    assert len(queue.line(0)) == 8
    for _ in range(3):
        queue.sweep()
    assert queue.line(0) == queue.standing() == []
    assert [event for _ in range(3) for event in queue.work()] == [kept]
    assert queue.hands.command("KEYS", "fleet:members:*") == []
    late = queue.accept(1, 5)
    queue.now += 72 * HOUR_MS
    queue.sweep()
    assert {queue.state(event) for event in late} == {"expired"}
    assert queue.hands.command("KEYS", "fleet:body:*") == []
    queue.sweep()
    assert queue.standing() == []
    assert world.differences() == []


def test_a_sweep_that_is_sent_again_names_no_job_like_one_at_work(queue: SharedQueue) -> None:
    queue.accept(0, 40)
    base = queue.hands.id("job")

    queue.hands.run(sweep(DUTY, queue.limits, base, queue.now))
    queue.take()
    fed = queue.take()
    assert fed is not None
    held = queue.begin(fed)
    queue.hands.command("HSET", f"fleet:batch:{queue.take()}", "closed", queue.now)  # by another worker
    queue.hands.run(sweep(DUTY, queue.limits, base, queue.now))
    assert len(set(queue.jobs())) == len(queue.jobs())
    assert fed not in queue.jobs()
    assert queue.hands.command("LLEN", f"fleet:members:{fed}") == len(held)
