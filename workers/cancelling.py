"""Cancelling: what is owed to deleted webhooks and removed subscriptions, in looks at everything that lives.

One look serves all that were deleted before it began. It is taken in parts, so that a sweeper has time for
what else is due. Nothing of it is kept: what was deleted stays in the due-set until its look is over, and so
a sweeper that takes over begins again.
"""

from collections.abc import Callable
from itertools import islice
from typing import Final

import structlog

from store.calls import together
from store.connect import SyncStore
from store.sweeping import Ended, cancel, forget, live_events

PAGES: Final = 4
"""Pages of events in one part of a look."""

_AT_ONCE: Final = 10
_GONE: Final = 500
"""What one look serves at most: their ids go along with each page."""

_log = structlog.get_logger()


class Cancelling:
    """The look that is under way, and what waits for the next one."""

    def __init__(self, store: SyncStore, clock_ms: Callable[[], int]) -> None:
        self._store = store
        self._clock_ms = clock_ms
        self._next: dict[str, Ended] = {}
        self._gone: dict[str, Ended] = {}
        self._cursor = 0
        self._changed = 0

    @property
    def is_busy(self) -> bool:
        """Whether there is more to do at once."""
        return bool(self._gone or self._next)

    def add(self, ended: Ended) -> None:
        """Something was deleted; nothing happens when that is known."""
        if ended.member not in self._gone:
            self._next[ended.member] = ended

    def drop(self) -> None:
        """Forget everything: another sweeper is on duty."""
        self._next.clear()
        self._gone.clear()

    def go_on(self) -> None:
        """Look at the next pages.

        Raises:
            redis.exceptions.RedisError: Redis is away; the page is looked at again.
        """
        if not self._gone:
            self._begin()
        for _ in range(PAGES):
            if not self._gone:
                return
            cursor, live = self._store.run(live_events(self._cursor))
            if live:
                names = [ended.name for ended in self._gone.values()]
                # Few at a time: an event may have 200 deliveries, and Redis serves nobody meanwhile.
                for start in range(0, len(live), _AT_ONCE):
                    few = live[start : start + _AT_ONCE]
                    self._changed += self._store.run(cancel(names, few, self._clock_ms()))
            self._cursor = cursor
            if cursor == 0:
                self._finish()

    def _begin(self) -> None:
        self._gone = dict(islice(self._next.items(), _GONE))
        for member in self._gone:
            del self._next[member]
        self._cursor = self._changed = 0

    def _finish(self) -> None:
        self._store.run(together([forget(ended) for ended in self._gone.values()]))
        _log.info("cancelled", deleted=len(self._gone), changed=self._changed)
        self._gone = {}
