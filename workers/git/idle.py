"""Idle connections: those that a poll has used to the end, and that the next one to the same server may take.

A connection belongs to what it was opened with: server, whom it trusts, and who asks. Nobody else gets it.
"""

import select
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from threading import Lock
from typing import Final, NamedTuple

MOST: Final = 256
"""How many are kept."""

LIFE_S: Final = 60.0
"""For how long a connection is kept, in seconds. Most servers close theirs sooner or later than this."""


class Key(NamedTuple):
    """What a connection was opened with.

    Attributes:
        scheme, host, port: of the server.
        trust: name of the TLS settings; "" without TLS.
        asker: digest of the credentials; "" without any.
    """

    scheme: str
    host: str
    port: int
    trust: str
    asker: str


@dataclass(frozen=True, slots=True)
class _Waiting:
    key: Key
    connection: HTTPConnection
    since: float


class Idle:
    """Connections that wait. Bounded: the one that has waited longest is closed first."""

    def __init__(self, most: int = MOST, life_s: float = LIFE_S) -> None:
        self._most = most
        self._life_s = life_s
        self._waiting: list[_Waiting] = []
        self._lock = Lock()

    def take(self, key: Key) -> HTTPConnection | None:
        """A connection that is still open, None when there is none."""
        while (found := self._take(key)) is not None:
            if time.monotonic() - found.since < self._life_s and _is_open(found.connection):
                return found.connection
            found.connection.close()
        return None

    def keep(self, key: Key, connection: HTTPConnection) -> None:
        """Let a connection wait for the next poll."""
        with self._lock:
            self._waiting.append(_Waiting(key, connection, time.monotonic()))
            cut = max(0, len(self._waiting) - self._most)
            closing, self._waiting = self._waiting[:cut], self._waiting[cut:]
        for each in closing:
            each.connection.close()

    def close(self) -> None:
        """Close all, and keep none from now on."""
        with self._lock:
            self._most = 0
            closing, self._waiting = self._waiting, []
        for each in closing:
            each.connection.close()

    def _take(self, key: Key) -> _Waiting | None:
        with self._lock:
            # From the end: the one that was used last is the least likely to have been closed.
            for index in reversed(range(len(self._waiting))):
                if self._waiting[index].key == key:
                    return self._waiting.pop(index)
        return None


def _is_open(connection: HTTPConnection) -> bool:
    """Whether a connection waits for a request: a server that says something unasked has closed it."""
    asking = select.poll()
    try:
        asking.register(connection.sock, select.POLLIN)
        return not asking.poll(0)
    except (OSError, ValueError):
        return False
