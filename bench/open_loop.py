"""The open loop: the moments of sending are fixed in advance; latency counts from them.

select(2) rather than an event loop: it waits with microseconds, epoll with milliseconds.
"""

import select
import socket
import time
from collections.abc import Callable
from typing import Final

from bench.errors import BenchError
from bench.http_stream import Messages, status
from bench.outcome import NS_PER_S, Outcome
from bench.waiting import HOST

_LEAD_NS: Final = 50_000_000
_READ_BYTES: Final = 65_536
_SILENCE_S: Final = 30.0


class _Line:
    """One connection, with at most one request on it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.due_ns = 0
        self._messages = Messages()

    def fileno(self) -> int:
        """For select."""
        return self.socket.fileno()

    def answer(self) -> int | None:
        """Read what has come: the status, None when it is not complete.

        Raises:
            BenchError: the server closed the connection.
        """
        data = self.socket.recv(_READ_BYTES)
        if not data:
            raise BenchError("The server closed a connection.")
        return next((status(head) for head, _ in self._messages.feed(data)), None)


class OpenLoop:
    """Sends on schedule, on as many connections as it takes, up to a bound."""

    def __init__(self, port: int, connections: int, make: Callable[[int], bytes]) -> None:
        self._make = make
        self._idle = [_Line(port) for _ in range(connections)]
        self._busy: list[_Line] = []
        self.outcome = Outcome()

    def run(self, requests: int, rate: int) -> None:
        """Send so many requests at a rate per second.

        Raises:
            BenchError: the server fell silent or closed a connection.
        """
        began = time.monotonic_ns() + _LEAD_NS
        due = [began + number * NS_PER_S // rate for number in range(requests)]
        sent = 0
        while sent < requests or self._busy:
            # What no connection is free for stays due: its waiting is part of its latency.
            while sent < requests and self._idle and due[sent] <= time.monotonic_ns():
                self._send(due[sent])
                sent += 1
            self._listen(due[sent] if sent < requests and self._idle else None)
        self.outcome.began_ns = began
        self.outcome.ended_ns = time.monotonic_ns()

    def _send(self, due_ns: int) -> None:
        line = self._idle.pop()
        line.due_ns = due_ns
        self.outcome.late_ns.append(time.monotonic_ns() - due_ns)
        line.socket.sendall(self._make(due_ns))
        self._busy.append(line)

    def _listen(self, until_ns: int | None) -> None:
        """Read answers, until one has come or the next request is due."""
        wait_s = _SILENCE_S if until_ns is None else max(0, until_ns - time.monotonic_ns()) / NS_PER_S
        readable, _, _ = select.select(self._busy, [], [], wait_s)
        if not readable and until_ns is None:
            raise BenchError(f"No answer came for {_SILENCE_S:g} s.")
        for line in readable:
            answered = line.answer()
            if answered is not None:
                self.outcome.latencies_ns.append(time.monotonic_ns() - line.due_ns)
                self.outcome.statuses[answered] += 1
                self._busy.remove(line)
                self._idle.append(line)


def run(port: int, requests: int, connections: int, rate: int, make: Callable[[int], bytes]) -> Outcome:
    """Send `requests` requests at `rate` per second; `make` builds one from the moment it is due.

    Raises:
        BenchError: the server fell silent or closed a connection.
    """
    loop = OpenLoop(port, connections, make)
    loop.run(requests, rate)
    return loop.outcome
