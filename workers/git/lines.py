"""The connections of a poll. When its time is over they are cut, and whatever waits for one of them ends.

Time-outs of sockets count anew with each byte, so a server that sends one now and then would never meet them.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

from workers.git.failure import AbandonedError


class Lines:
    """The connections of one poll.

    Attributes:
        timeout_s: the seconds that it has, altogether.
        is_abandoned: nobody waits for it any longer.
    """

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self.ends_at = time.monotonic() + timeout_s
        self.is_abandoned = False
        self._is_cut = False
        self._opened: list[socket.socket] = []
        self._lock = threading.Lock()

    @property
    def is_over(self) -> bool:
        """Whether the time is over, or the poll was abandoned."""
        return self._is_cut or time.monotonic() >= self.ends_at

    def left_s(self) -> float:
        """The seconds that are left.

        Raises:
            TimeoutError: none are.
        """
        left = self.ends_at - time.monotonic()
        if self._is_cut or left <= 0:
            raise TimeoutError
        return left

    def add(self, line: socket.socket) -> None:
        """Cut this connection, too, when the time is over.

        Raises:
            TimeoutError: it is.
        """
        # A socket of its own to the same connection: TLS takes the other one over, and cannot copy its own.
        with self._lock:
            if self._is_cut:
                raise TimeoutError
            self._opened.append(socket.fromfd(line.fileno(), line.family, line.type))

    def release(self) -> None:
        """The poll is done; its connections may live on."""
        with self._lock:
            while self._opened:
                self._opened.pop().close()

    def cut(self) -> None:
        """End the poll."""
        with self._lock:
            self._is_cut = True
            for line in self._opened:
                with contextlib.suppress(OSError):  # gone
                    line.shutdown(socket.SHUT_RDWR)


class Cutter:
    """Cuts the lines of all polls of a process when their time is over. It has one thread."""

    def __init__(self) -> None:
        self._open: set[Lines] = set()
        self._changed = threading.Condition()
        self._wakes_at = float("inf")
        self._is_closed = False
        self._thread: threading.Thread | None = None

    @contextmanager
    def lines(self, timeout_s: float) -> Generator[Lines]:
        """The lines of one poll, for the length of the block.

        Args:
            timeout_s: seconds until they are cut.

        Raises:
            AbandonedError: the process is about to stop.
        """
        lines = Lines(timeout_s)
        with self._changed:
            if self._is_closed:
                raise AbandonedError
            self._open.add(lines)
            self._watch(lines)
        try:
            yield lines
        finally:
            with self._changed:
                self._open.discard(lines)
            lines.release()

    def close(self) -> None:
        """Cut all lines, and let nobody have new ones."""
        with self._changed:
            self._is_closed = True
            for lines in self._open:
                lines.is_abandoned = True
                lines.cut()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _watch(self, lines: Lines) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="cutter", daemon=True)
            self._thread.start()
        if lines.ends_at < self._wakes_at:
            self._changed.notify_all()

    def _run(self) -> None:
        with self._changed:
            while not self._is_closed:
                now = time.monotonic()
                for lines in self._open:
                    if lines.ends_at <= now:
                        lines.cut()
                self._wakes_at = min(
                    (lines.ends_at for lines in self._open if lines.ends_at > now), default=float("inf")
                )
                self._changed.wait(None if self._wakes_at == float("inf") else self._wakes_at - now)
