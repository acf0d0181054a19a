"""A TCP server on loopback that does with each connection whatever a test says, in a thread of its own."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Behave = Callable[[socket.socket], None]


@dataclass
class OddServer:
    """Where it listens, and how many came."""

    port: int
    connections: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    def say(self, *parts: bytes, pause_s: float = 0.0) -> Behave:
        """Wait for a request, say this, and then nothing more until the client leaves."""

        def behave(line: socket.socket) -> None:
            line.recv(65536)
            for part in parts:
                line.sendall(part)
                self.closing.wait(pause_s)
            while line.recv(65536):
                pass

        return behave


@contextmanager
def odd_server(behave: Callable[[OddServer], Behave]) -> Iterator[OddServer]:
    """A server for the length of the block; what it does may depend on itself."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = OddServer(listening.getsockname()[1])
        behaving = behave(made)
        lines: list[socket.socket] = []
        threads: list[threading.Thread] = []

        def serve(line: socket.socket) -> None:
            with line, contextlib.suppress(OSError):
                behaving(line)

        def accept() -> None:
            while True:
                try:
                    line, _ = listening.accept()
                except OSError:
                    return
                made.connections += 1
                lines.append(line)
                threads.append(threading.Thread(target=serve, args=(line,)))
                threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield made
        finally:
            made.closing.set()
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for line in lines:
                with contextlib.suppress(OSError):  # gone
                    line.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()
