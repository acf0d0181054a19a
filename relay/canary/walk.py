"""A walk: one event, signed and posted to the public URL as a sender would, and its arrival."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import aiohttp

from domain.canary import Failure
from domain.event import Request
from domain.senders import SENDERS, sign
from relay.canary.place import Place

SENDER: Final = "custom"
"""Who the canary says it is: a program that signs the bytes of the body."""

_ID_BYTES: Final = 12
_READ_AT_MOST: Final = 64 * 1024


class LostError(Exception):
    """The event did not come back.

    Attributes:
        failure: why.
        status: what the public URL answered, where that is why.
    """

    def __init__(self, failure: Failure, status: int | None = None) -> None:
        super().__init__(failure)
        self.failure = failure
        self.status = status


class Walk:
    """One event that is known again when it arrives."""

    def __init__(self, entropy: Callable[[int], bytes], now_ms: int) -> None:
        """A walk that begins.

        Args:
            entropy: that many unguessable bytes.
            now_ms: Unix time in milliseconds.
        """
        self.id = entropy(_ID_BYTES).hex()
        self._now_ms = now_ms

    def request(self, secret: bytes) -> Request:
        """The event, signed. It has no id of a sender, so it is never a duplicate, and none is remembered."""
        body = json.dumps({"type": "canary", "walk": self.id}).encode()
        headers = ((b"content-type", b"application/json"), (b"user-agent", b"fleet-canary"))
        return sign(SENDERS[SENDER], Request("POST", b"", b"", headers, body), secret, self._now_ms)

    async def post(self, session: aiohttp.ClientSession, place: Place) -> None:
        """Send it, as a sender would.

        Raises:
            LostError: it was not accepted.
        """
        request = self.request(place.secret)
        headers = [(name.decode(), value.decode()) for name, value in request.headers]
        try:
            async with session.post(
                place.url, data=request.body, headers=headers, allow_redirects=False
            ) as answer:
                await answer.content.read(_READ_AT_MOST)
        except aiohttp.ClientConnectorCertificateError:
            raise LostError(Failure.DISTRUSTED) from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise LostError(Failure.UNREACHABLE) from None
        if answer.status != HTTPStatus.ACCEPTED:
            raise LostError(Failure.NOT_ACCEPTED, answer.status)


def walk_of(request: Request) -> str | None:
    """The id of the walk that a request belongs to; None when it is none of ours."""
    try:
        found = json.loads(request.body)
    except ValueError:
        return None
    name = found.get("walk") if isinstance(found, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return name if isinstance(name, str) else None
