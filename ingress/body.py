"""Reading a request's body: never more than the limit in memory."""

from collections.abc import Sequence

from starlette.types import Receive

from domain.webhook import MAX_BODY_BYTES


class BodyTooLargeError(Exception):
    """The body has more than MAX_BODY_BYTES."""


class SenderGoneError(Exception):
    """The sender closed the connection before its body was complete."""


def refuse_declared(headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Judge a body by its Content-Length, before any of it is read.

    Raises:
        BodyTooLargeError: it declares too much.
    """
    for name, value in headers:
        if name == b"content-length" and value.isdigit() and int(value[:20]) > MAX_BODY_BYTES:
            raise BodyTooLargeError


async def read(receive: Receive) -> bytes:
    """The whole body. How long it may take is the protocol's to decide (`ingress.protocol`).

    Raises:
        BodyTooLargeError: more arrives than is allowed.
        SenderGoneError: the sender went away, or was too slow.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise SenderGoneError
        chunk = message.get("body", b"")
        if len(body) + len(chunk) > MAX_BODY_BYTES:
            raise BodyTooLargeError
        body += chunk
        if not message.get("more_body", False):
            return bytes(body)
