"""Waiting for a condition, with an end."""

import http.client
import socket
import time
from collections.abc import Callable
from typing import Final

from bench.errors import BenchError

HOST: Final = "127.0.0.1"
_POLL_S: Final = 0.005


def until(what: str, ask: Callable[[], bool], timeout_s: float = 30.0) -> None:
    """Wait until a question is answered with yes.

    Raises:
        BenchError: it is not within `timeout_s` seconds.
    """
    deadline = time.monotonic() + timeout_s
    while not ask():
        if time.monotonic() > deadline:
            raise BenchError(f"Waited {timeout_s:g} s in vain: {what}.")
        time.sleep(_POLL_S)


def free_port() -> int:
    """A TCP port that was free a moment ago."""
    with socket.create_server((HOST, 0)) as listener:
        return listener.getsockname()[1]


def listens(port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        socket.create_connection((HOST, port), 1).close()
    except OSError:
        return False
    return True


def is_ready(port: int) -> bool:
    """Whether a door of ours says that it is ready."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
