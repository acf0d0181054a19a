"""Reading a request's body: never more than the limit in memory, never longer than the time-out."""

import asyncio
from collections.abc import Sequence

from starlette.types import Receive

from domain.webhook import MAX_BODY_BYTES


class BodyTooLargeError(Exception):
    """The body has more than MAX_BODY_BYTES."""


class BodyTooSlowError(Exception):
    """The body did not arrive in time."""


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


async def read(receive: Receive, timeout_s: float) -> bytes:
    """The whole body.

    Raises:
        BodyTooLargeError: more arrives than is allowed.
        BodyTooSlowError: it is not complete after `timeout_s` seconds.
        SenderGoneError: the sender went away.
    """
    try:
        async with asyncio.timeout(timeout_s):
            return await _gather(receive)
    except TimeoutError:
        raise BodyTooSlowError from None


async def _gather(receive: Receive) -> bytes:
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
