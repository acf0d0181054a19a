"""Reading a request's body: never more than the limit in memory."""

from collections.abc import Sequence
from typing import Final

from starlette.types import Receive

from domain.errors import OverloadedError
from domain.webhook import MAX_BODY_BYTES
from ingress.room import Share

_RETRY_AFTER_S: Final = 1


class BodyTooLargeError(Exception):
    """The body has more than MAX_BODY_BYTES."""


class SenderGoneError(Exception):
    """The sender closed the connection before its body was complete."""


def declared(headers: Sequence[tuple[bytes, bytes]]) -> int:
    """The size of a body by its Content-Length, before any of it is read; 0 when nothing is declared.

    Raises:
        BodyTooLargeError: it declares too much.
    """
    size = 0
    for name, value in headers:
        if name == b"content-length" and value.isdigit():
            size = int(value[:20])
            if size > MAX_BODY_BYTES:
                raise BodyTooLargeError
    return size


def known(headers: Sequence[tuple[bytes, bytes]]) -> int | None:
    """The size of a body before any of it is read; None when it comes in chunks and nobody knows.

    Raises:
        BodyTooLargeError: it declares too much.
    """
    is_chunked = any(name == b"transfer-encoding" for name, _ in headers)
    return None if is_chunked else declared(headers)


async def read(receive: Receive, share: Share) -> bytes:
    """The whole body. How long it may take is the protocol's to decide (`ingress.protocol`).

    Raises:
        BodyTooLargeError: more arrives than is allowed.
        OverloadedError: there was no room for all of it.
        SenderGoneError: the sender went away, or was too slow.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise SenderGoneError
        if share.is_refused:
            raise OverloadedError("Too many bytes of bodies are held; come again later.", _RETRY_AFTER_S)
        chunk = message.get("body", b"")
        if len(body) + len(chunk) > MAX_BODY_BYTES:
            raise BodyTooLargeError
        body += chunk
        if not message.get("more_body", False):
            return bytes(body)
