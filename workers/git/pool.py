"""A pool of threads: polls wait for strangers, so a worker makes several at a time. Nothing queues here."""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

import structlog

Task = Callable[[], None]

_log = structlog.get_logger()


class Pool:
    """So many threads, each with one task at a time.

    Args:
        threads: how many.
    """

    def __init__(self, threads: int) -> None:
        # Their `put` may be called by a signal's handler in the middle of anything, also of their `get`.
        self._free = SimpleQueue[None]()
        self._tasks = SimpleQueue[Task | None]()
        for _ in range(threads):
            self._free.put(None)
        self._threads: list[threading.Thread] = []
        self._most = threads
        self._is_stopping = False

    def submit(self, task: Task, timeout_s: float) -> bool:
        """Give a task to a thread, as soon as one is free. Called by one thread only.

        Args:
            task: what to do.
            timeout_s: seconds to wait for a free thread.

        Returns:
            Whether it was taken: False when all are busy for that long, or the pool is to stop.
        """
        try:
            self._free.get(timeout=timeout_s)
        except Empty:
            return False
        if self._is_stopping:
            self._free.put(None)
            return False
        self._tasks.put(task)
        if len(self._threads) < self._most:
            self._threads.append(threading.Thread(target=self._run, name="poll", daemon=True))
            self._threads[-1].start()
        return True

    def stop(self) -> None:
        """Take no more tasks. May be called by a signal's handler."""
        self._is_stopping = True
        self._free.put(None)  # for one who waits

    def close(self, timeout_s: float) -> bool:
        """Stop, and wait for what is under way.

        Args:
            timeout_s: seconds to wait.

        Returns:
            Whether all of it has ended.
        """
        self.stop()
        for _ in self._threads:
            self._tasks.put(None)
        until = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                task()
            except Exception as error:  # noqa: BLE001 - a thread that ends would be missed for ever
                _log.error("poll_crashed", error=type(error).__name__)
            finally:
                self._free.put(None)
