"""Natural group commit: what arrives while a round trip is under way shares the next one.

A flush begins as soon as the previous one has returned and never waits for a timer: alone, an item
goes at once; under load, batches grow by themselves.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Generic, TypeVar

from domain.errors import OverloadedError
from store.tasks import end

Item = TypeVar("Item")
Result = TypeVar("Result")

DEFAULT_MAX_BACKLOG: Final = 10_000
LAST_WAIT_S: Final = 1.0
"""For what still waits when a process ends; whoever stops it has been patient before."""

_RETRY_AFTER_S: Final = 1


def _weightless(_: object) -> int:
    return 0


class GroupCommit(Generic[Item, Result]):
    """Joins items of many submitters into batches, one batch in flight at a time. For one event loop."""

    def __init__(
        self,
        flush: Callable[[list[Item]], Awaitable[list[Result]]],
        max_items: int,
        weigh: Callable[[Item], int] | None = None,
        max_weight: int = 0,
        max_backlog: int = DEFAULT_MAX_BACKLOG,
    ) -> None:
        """An idle group commit.

        Args:
            flush: commits a batch and answers one result for each of its items, in their order.
            max_items: the most items of a batch.
            weigh: what an item weighs, in bytes for example. None: nothing.
            max_weight: the most a batch weighs; an item that is heavier travels alone.
            max_backlog: the most items that wait for a flush.
        """
        self._flush = flush
        self._max_items = max_items
        self._weigh = weigh or _weightless
        self._max_weight = max_weight
        self._max_backlog = max_backlog
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._flushing: asyncio.Task[None] | None = None

    async def submit(self, item: Item) -> Result:
        """The result of an item, once its batch is committed.

        Cancelled before its batch has left, the item is not committed; afterwards it may be.

        Raises:
            OverloadedError: too many items wait.
            Exception: whatever the flush of its batch raised.
        """
        return await self.add(item)

    def add(self, item: Item) -> asyncio.Future[Result]:
        """Put an item in line and return at once; the future is what `submit` would wait for.

        Raises:
            OverloadedError: too many items wait.
        """
        if len(self._waiting) >= self._max_backlog:
            raise OverloadedError("Too much is waiting for Redis; come again later.", _RETRY_AFTER_S)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((item, future))
        if self._flushing is None:
            self._flushing = loop.create_task(self._flush_all())
        return future

    async def drained(self, within_s: float = LAST_WAIT_S) -> None:
        """Wait until nothing waits or is in flight any more; what does after that time is cancelled."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self._flushing is not None:
                    await asyncio.wait([self._flushing])
        if self._flushing is not None:
            await end([self._flushing])

    async def _flush_all(self) -> None:
        try:
            while self._waiting:
                await self._commit(self._next_batch())
        finally:
            self._flushing = None
            # Something is left only when the loop stops and cancels this task.
            while self._waiting:
                self._waiting.popleft()[1].cancel()

    def _next_batch(self) -> list[tuple[Item, asyncio.Future[Result]]]:
        batch: list[tuple[Item, asyncio.Future[Result]]] = []
        weight = 0
        while self._waiting and len(batch) < self._max_items:
            item, future = self._waiting[0]
            weight += self._weigh(item)
            if batch and weight > self._max_weight:
                break
            self._waiting.popleft()
            if not future.cancelled():
                batch.append((item, future))
        return batch

    async def _commit(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        if not batch:
            return
        try:
            results = await self._flush([item for item, _ in batch])
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to those who wait
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
        except BaseException:
            for _, future in batch:
                future.cancel()
            raise
