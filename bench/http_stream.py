"""Just enough HTTP/1.1 to count messages: heads, Content-Length, bodies."""

from collections.abc import Iterator
from typing import Final

_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"


class Messages:
    """Cuts a stream into messages that have a Content-Length."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The head and the body of every message that is complete now.

        Raises:
            ValueError: a head has no Content-Length, or one that is no number.
        """
        self._rest = rest = self._rest + data if self._rest else data
        while (end := rest.find(_HEAD_END)) >= 0:
            start = end + len(_HEAD_END)
            head = rest[:start]
            stop = start + _length(head)
            if len(rest) < stop:
                return
            content = rest[start:stop]
            self._rest = rest = rest[stop:]
            yield head, content


def status(head: bytes) -> int:
    """The status of a response."""
    return int(head[9:12])


def _length(head: bytes) -> int:
    lower = head.lower()
    if lower.startswith(b"get "):
        return 0
    start = lower.index(_LENGTH) + len(_LENGTH)
    return int(lower[start : lower.index(b"\r", start)])
