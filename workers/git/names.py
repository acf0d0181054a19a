"""Looking names up in bounded time. The system has no time-out, so it gets a thread to be left behind."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final

from domain.networks import address_of

_MOST: Final = 64
"""Look-ups at a time. More are only there when a name server hangs."""


_LOOK_S: Final = 0.25
"""How often one who waits looks whether the poll was abandoned."""


class Names:
    """Looks names up, so many at a time."""

    def __init__(self, most: int = _MOST) -> None:
        self._free = threading.BoundedSemaphore(most)

    def addresses(self, host: str, port: int, left_s: Callable[[], float]) -> list[str]:
        """The IP addresses of a host, in the order in which they are to be tried.

        Args:
            host: a name, or an address already.
            port: a TCP port.
            left_s: the seconds that are left to wait; raises TimeoutError when none are.

        Raises:
            OSError: the name cannot be resolved.
            TimeoutError: not in this time.
        """
        if address_of(host) is not None:
            return [host]
        if not self._free.acquire(blocking=False):
            raise TimeoutError
        found = SimpleQueue[list[str] | OSError]()
        threading.Thread(target=self._ask, args=(host, port, found), name="names", daemon=True).start()
        answer = None
        while answer is None:
            with suppress(Empty):
                answer = found.get(timeout=min(_LOOK_S, left_s()))
        if isinstance(answer, OSError):
            raise answer
        return answer

    def _ask(self, host: str, port: int, found: SimpleQueue[list[str] | OSError]) -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put([str(address[0]) for *_, address in answers])
        except OSError as error:
            found.put(error)
        except UnicodeError:
            found.put(socket.gaierror(socket.EAI_NONAME, "no host can have this name"))
        finally:
            self._free.release()
