"""The server of /metrics, /healthz and /readyz: a few threads beside what the process is for."""

import json
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import CollectorRegistry

from domain.errors import FleetError

_MOST_AT_ONCE: Final = 8
_TIMEOUT_S: Final = 5.0

WhyNot = Callable[[], str]
"""Asks whether a process can do its work: a sentence when it cannot, "" when it can."""


class PortTakenError(FleetError):
    """Something else listens on the port for metrics."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"Metrics cannot be served on {host}, port {port}: {reason}."
            " Set FLEET_METRICS_PORT to a free one."
        )


class _Server(ThreadingHTTPServer):
    """Few requests at a time; whoever comes while it is busy is hung up on."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, registry: CollectorRegistry, why_not: WhyNot) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.registry = registry
        self.why_not = why_not
        self._places = threading.BoundedSemaphore(_MOST_AT_ONCE)
        super().__init__((host, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as socketserver has it
        """Answer in a thread, if there is a place for one."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - likewise
        """Answer, and make place."""
        # The timeout of the socket begins anew with each byte; this one does not.
        end = threading.Timer(_TIMEOUT_S, _hang_up, [request])
        end.daemon = True
        end.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            end.cancel()
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - likewise
        """Nothing: somebody hung up, and it is not worth a traceback."""


def _hang_up(request: socket.socket) -> None:
    """Whoever reads or writes there is told that it is over."""
    with suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride] - it makes no others
    timeout = _TIMEOUT_S
    server_version = "fleet"
    sys_version = ""

    def do_GET(self) -> None:
        """One of the three pages."""
        match self.path:
            case "/metrics":
                encode, content_type = choose_encoder(self.headers.get("accept", ""))
                self._answer(HTTPStatus.OK, encode(self.server.registry), content_type)
            case "/healthz":
                self._say(HTTPStatus.OK, {"healthy": True})
            case "/readyz":
                self._say_ready(self.server.why_not())
            case _:
                self._say(HTTPStatus.NOT_FOUND, {"pages": ["/metrics", "/healthz", "/readyz"]})

    def _say_ready(self, reason: str) -> None:
        if reason:
            self._say(HTTPStatus.SERVICE_UNAVAILABLE, {"ready": False, "reason": reason})
        else:
            self._say(HTTPStatus.OK, {"ready": True})

    def _say(self, status: HTTPStatus, facts: object) -> None:
        self._answer(status, json.dumps(facts).encode(), "application/json")

    def _answer(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.send_header("cache-control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the standard library calls it
        """Nothing: it would be a line every few seconds."""


@contextmanager
def serving(host: str, port: int, registry: CollectorRegistry, why_not: WhyNot) -> Generator[int]:
    """Serve for the length of the block; gives the port.

    Args:
        host: address to listen on.
        port: TCP port; 0: any that is free.
        registry: what is told.
        why_not: whether the process can do its work.

    Raises:
        PortTakenError: it cannot listen there.
    """
    try:
        server = _Server(host, port, registry, why_not)
    except OSError as error:
        raise PortTakenError(host, port, error.strerror or "it cannot be listened on") from None
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
