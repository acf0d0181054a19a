"""Calling: one GET over https to a host of a sender, bounded in time and size. No redirects, no proxies.

A worker has many events to decide, so the whole call, looking up the name included, is done in a thread that
is left behind when its time is over. There is never more than one.
"""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException, HTTPSConnection
from queue import Empty, SimpleQueue
from typing import Final
from urllib.parse import urlsplit

from domain.errors import FleetError
from domain.networks import address_of
from domain.senders.hosts import host_of

MAX_BYTES: Final = 64 * 1024
TIMEOUT_S: Final = 3.0
_PORT: Final = 443


class CallFailedError(FleetError):
    """No answer came; the text says why. Another time one may."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered.

    Attributes:
        status: the HTTP status.
        body: the body; empty unless the status is 200.
    """

    status: int
    body: bytes


Calling = Callable[[str], Answer]
"""Calls a URL. Raises CallFailedError."""


@dataclass(frozen=True, slots=True)
class Way:
    """How calls leave this machine.

    Attributes:
        tls: whom to trust.
        through: host and port of a forwarder that reads from the TLS handshake which host is meant; None:
            straight to that host, if its address is a public one.
    """

    tls: ssl.SSLContext
    through: tuple[str, int] | None = None

    def addresses(self, host: str) -> Iterator[tuple[str, int]]:
        """Where to connect for a host.

        Raises:
            OSError: its name cannot be resolved.
        """
        if self.through is not None:
            yield self.through
            return
        for *_, address in socket.getaddrinfo(host, _PORT, type=socket.SOCK_STREAM):
            if is_public(str(address[0])):
                yield str(address[0]), _PORT


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet, and none of this machine or of its networks."""
    found = address_of(address)
    return found is not None and found.is_global and not found.is_multicast


@dataclass(slots=True)
class _Lines:
    """The connections of a call. To cut one ends whatever waits for it."""

    is_cut: bool = False
    opened: list[socket.socket] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, line: socket.socket) -> None:
        # A socket of its own to the same connection: TLS takes the other one over.
        with self.lock:
            if self.is_cut:
                raise TimeoutError
            self.opened.append(line.dup())

    def cut(self) -> None:
        with self.lock:
            self.is_cut = True
            for line in self.opened:
                with contextlib.suppress(OSError):  # gone
                    line.shutdown(socket.SHUT_RDWR)
                line.close()
            self.opened.clear()


class Caller:
    """Calls one host at a time."""

    def __init__(self, way: Way, timeout_s: float = TIMEOUT_S) -> None:
        self._way = way
        self._timeout_s = timeout_s
        self._thread: threading.Thread | None = None

    def __call__(self, url: str) -> Answer:
        """What stands at a URL.

        Raises:
            CallFailedError: it is no URL to be called, no answer came in time, or one too large.
        """
        host = host_of(url)
        if host is None:
            raise CallFailedError("That is no URL of a sender; it was not called.")
        if self._thread is not None and self._thread.is_alive():
            raise CallFailedError("An earlier call has not come back yet.")
        lines, answers = _Lines(), SimpleQueue[Answer | Exception]()
        self._thread = threading.Thread(
            target=self._answer, args=(host, url, lines, answers), name="calling", daemon=True
        )
        self._thread.start()
        try:
            answer = answers.get(timeout=self._timeout_s)
        except Empty:
            answer = TimeoutError()
        else:
            self._thread.join(self._timeout_s)  # it has nothing left to do
        finally:
            lines.cut()
        # Its connection may have noticed just before.
        if isinstance(answer, TimeoutError):
            raise CallFailedError(f"{host} did not answer within {self._timeout_s:g} seconds.")
        if isinstance(answer, Answer):
            return answer
        raise CallFailedError(f"{host} cannot be called ({type(answer).__name__}).") from None

    def _answer(self, host: str, url: str, lines: _Lines, answers: SimpleQueue[Answer | Exception]) -> None:
        try:
            answers.put(self._ask(host, url, lines))
        except (OSError, HTTPException, ValueError) as error:
            answers.put(error)

    def _ask(self, host: str, url: str, lines: _Lines) -> Answer:
        connection = HTTPSConnection(host, timeout=self._timeout_s, context=self._way.tls)
        with contextlib.closing(connection):
            connection.sock = self._connected(host, lines)
            parts = urlsplit(url)
            connection.request(
                "GET",
                f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}",
                headers={"User-Agent": "Fleet-Gateway", "Connection": "close"},
            )
            response = connection.getresponse()
            if response.status != HTTPStatus.OK:
                return Answer(response.status, b"")
            body = response.read(MAX_BYTES + 1)
            if len(body) > MAX_BYTES:
                raise ValueError("too large")
            return Answer(response.status, body)

    def _connected(self, host: str, lines: _Lines) -> ssl.SSLSocket:
        failed: OSError = ConnectionError("no public address")
        for address in self._way.addresses(host):
            try:
                line = socket.create_connection(address, self._timeout_s)
            except OSError as error:
                failed = error
                continue
            try:
                lines.add(line)
                return self._way.tls.wrap_socket(line, server_hostname=host)
            except BaseException:
                line.close()
                raise
        raise failed
