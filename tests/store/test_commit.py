"""The laws of natural group commit: order, bounds, and nobody waits in vain."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import OverloadedError
from store.commit import GroupCommit


class Ledger:
    """Records batches; a closed gate holds every flush."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()
        self.in_flight = 0
        self.error: Exception | None = None

    async def flush(self, batch: list[int]) -> list[int]:
        self.in_flight += 1
        assert self.in_flight == 1
        self.batches.append(batch)
        self.entered.set()
        await self.gate.wait()
        self.in_flight -= 1
        if self.error is not None:
            raise self.error
        return [-item for item in batch]


async def test_a_lone_item_goes_at_once_and_gets_its_result() -> None:
    ledger = Ledger()
    assert await GroupCommit(ledger.flush, max_items=10).submit(7) == -7
    assert ledger.batches == [[7]]


async def test_what_arrives_together_shares_a_flush() -> None:
    ledger = Ledger()
    commit = GroupCommit(ledger.flush, max_items=10)
    assert await asyncio.gather(*(commit.submit(item) for item in range(5))) == [0, -1, -2, -3, -4]
    assert ledger.batches == [[0, 1, 2, 3, 4]]


async def test_what_arrives_during_a_flush_shares_the_next_one() -> None:
    ledger = Ledger()
    ledger.gate.clear()
    commit = GroupCommit(ledger.flush, max_items=10)
    first = commit.add(1)
    await ledger.entered.wait()
    later = [commit.add(2), commit.add(3)]
    ledger.gate.set()
    assert [await first, *[await future for future in later]] == [-1, -2, -3]
    assert ledger.batches == [[1], [2, 3]]


async def test_every_submitter_of_a_failed_flush_gets_its_exception_and_the_next_flush_works() -> None:
    ledger = Ledger()
    ledger.error = ConnectionError("Redis went away")
    commit = GroupCommit(ledger.flush, max_items=10)
    outcomes = await asyncio.gather(*(commit.submit(item) for item in range(3)), return_exceptions=True)
    assert outcomes == [ledger.error] * 3
    ledger.error = None
    assert await commit.submit(4) == -4


async def test_a_flush_that_answers_for_too_few_items_leaves_nobody_waiting() -> None:
    async def flush(batch: list[int]) -> list[int]:
        return batch[:1]

    commit = GroupCommit(flush, max_items=10)
    outcomes = await asyncio.gather(commit.submit(1), commit.submit(2), return_exceptions=True)
    assert outcomes[0] == 1
    assert isinstance(outcomes[1], ValueError)


async def test_beyond_the_backlog_submitters_are_turned_away() -> None:
    ledger = Ledger()
    ledger.gate.clear()
    commit = GroupCommit(ledger.flush, max_items=1, max_backlog=2)
    first = commit.add(0)
    await ledger.entered.wait()
    waiting = [commit.add(1), commit.add(2)]
    with pytest.raises(OverloadedError) as caught:
        await commit.submit(3)
    assert caught.value.retry_after >= 1
    ledger.gate.set()
    assert [await first, *[await future for future in waiting]] == [0, -1, -2]


async def test_an_item_that_is_cancelled_while_it_waits_is_not_committed() -> None:
    ledger = Ledger()
    ledger.gate.clear()
    commit = GroupCommit(ledger.flush, max_items=10)
    first = commit.add(1)
    await ledger.entered.wait()
    gone, last = commit.add(2), commit.add(3)
    gone.cancel()
    ledger.gate.set()
    assert (await first, await last) == (-1, -3)
    assert ledger.batches == [[1], [3]]


async def test_a_submitter_that_leaves_during_the_flush_does_not_disturb_the_others() -> None:
    ledger = Ledger()
    ledger.gate.clear()
    commit = GroupCommit(ledger.flush, max_items=10)
    gone, stays = commit.add(1), commit.add(2)
    await ledger.entered.wait()
    gone.cancel()
    ledger.gate.set()
    assert await stays == -2


async def test_when_everybody_has_left_nothing_is_flushed() -> None:
    ledger = Ledger()
    commit = GroupCommit(ledger.flush, max_items=10)
    commit.add(1).cancel()
    await commit.drained()
    assert ledger.batches == []


async def test_drained_waits_for_all_that_was_added() -> None:
    ledger = Ledger()
    commit = GroupCommit(ledger.flush, max_items=2)
    futures = [commit.add(item) for item in range(5)]
    await commit.drained()
    assert all(future.done() for future in futures)
    await commit.drained()


@given(
    weights=st.lists(st.integers(0, 20), min_size=1, max_size=60),
    max_items=st.integers(1, 8),
    max_weight=st.integers(1, 30),
)
def test_batches_keep_order_and_bounds(weights: list[int], max_items: int, max_weight: int) -> None:
    batches: list[list[tuple[int, int]]] = []

    async def flush(batch: list[tuple[int, int]]) -> list[int]:
        batches.append(batch)
        return [number for number, _ in batch]

    async def scenario() -> list[int]:
        commit = GroupCommit(flush, max_items, lambda item: item[1], max_weight)
        return await asyncio.gather(*(commit.submit(item) for item in enumerate(weights)))

    assert asyncio.run(scenario()) == list(range(len(weights)))
    assert [item for batch in batches for item in batch] == list(enumerate(weights))
    for batch in batches:
        assert 0 < len(batch) <= max_items
        assert len(batch) == 1 or sum(weight for _, weight in batch) <= max_weight


def test_a_loop_that_stops_leaves_no_submitter_waiting() -> None:
    async def scenario() -> list[asyncio.Future[int]]:
        begun = asyncio.Event()

        async def flush(batch: list[int]) -> list[int]:
            begun.set()
            await asyncio.Event().wait()
            return batch

        commit = GroupCommit(flush, max_items=1)
        futures = [commit.add(1), commit.add(2)]
        await begun.wait()
        return futures

    assert all(future.cancelled() for future in asyncio.run(scenario()))


async def test_draining_cancels_what_a_redis_that_hangs_never_takes() -> None:
    ledger = Ledger()
    ledger.gate.clear()
    commit = GroupCommit(ledger.flush, max_items=1)
    futures = [commit.add(1), commit.add(2)]
    await ledger.entered.wait()
    await asyncio.wait_for(commit.drained(0.01), 5)
    assert [future.cancelled() for future in futures] == [True, True]
    assert ledger.batches == [[1]]
