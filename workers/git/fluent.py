"""Fluent servers: those that speak version 2 of the protocol, and what they can do, as they said last.

Over http they need not be asked again before each request, since they keep nothing in mind between two: a
poll is one request then.
Source: gitprotocol-v2, "HTTP Transport".
"""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Final

MOST: Final = 10_000
"""Of how many repositories this is remembered."""


class Fluent:
    """What the servers of repositories can do. For several threads; bounded."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, frozenset[bytes]] = OrderedDict()
        self._lock = Lock()

    def find(self, repository: Hashable) -> set[bytes] | None:
        """The capabilities that its server has told, None when they are not known."""
        with self._lock:
            known = self._known.get(repository)
        return None if known is None else set(known)

    def learn(self, repository: Hashable, capabilities: set[bytes]) -> None:
        """Its server has told its capabilities."""
        with self._lock:
            self._known[repository] = frozenset(capabilities)
            self._known.move_to_end(repository)
            if len(self._known) > self._most:
                self._known.popitem(last=False)

    def forget(self, repository: Hashable) -> None:
        """Its server does not do what it told."""
        with self._lock:
            self._known.pop(repository, None)
