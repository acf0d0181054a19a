"""The public door as the relay reaches it: for the tests of owners, and for nothing else."""

import json
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, cast

import aiohttp
import structlog
from yarl import URL

from domain.errors import FleetError

_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
_MAX_ANSWER_BYTES: Final = 64 * 1024
_AUTO_HEADERS: Final = ("user-agent", "accept", "accept-encoding", "content-type")

Trust = ssl.SSLContext | aiohttp.Fingerprint
"""Whom to believe that it is the door: who has a certificate of a known CA, or this one certificate."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class IngressUnreachableError(FleetError):
    """The relay did not get an answer from the public door."""

    def __init__(self) -> None:
        super().__init__(
            "The relay did not reach the public door, so nobody knows what became of the test."
            " Is the ingress running? The log of the relay says more (ingress_unreachable)."
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What the public door answered.

    Attributes:
        status: the HTTP status.
        document: its body, {} when that is no JSON object.
    """

    status: int
    document: dict[str, object]

    @property
    def event(self) -> str | None:
        """The id under which the event was accepted; None when none was."""
        found = self.document.get("id")
        return found if isinstance(found, str) else None


@dataclass(frozen=True, slots=True)
class IngressDoor:
    """Where the ingress is.

    Attributes:
        url: what its addresses begin with, without a slash at the end.
        trust: whom to believe, asked anew each time: certificates are renewed.
    """

    url: str
    trust: Callable[[], Trust] = ssl.create_default_context

    async def post(self, target: str, headers: Sequence[tuple[str, str]], body: bytes) -> Reply:
        """Post one request, with these headers and no others but Content-Length. No redirect is followed.

        Args:
            target: path and query, from the first slash.
            headers: names and values; the Host among them.
            body: the body.

        Raises:
            IngressUnreachableError: nobody answered, or not the ingress.
        """
        try:
            async with (
                aiohttp.ClientSession(
                    timeout=_TIMEOUT, skip_auto_headers=_AUTO_HEADERS, auto_decompress=False, trust_env=False
                ) as session,
                session.post(
                    URL(self.url + target, encoded=True),
                    data=body,
                    headers=headers,
                    allow_redirects=False,
                    ssl=self.trust() if self.url.startswith("https:") else True,
                ) as response,
            ):
                raw = await response.content.read(_MAX_ANSWER_BYTES)
                return Reply(response.status, _document(raw))
        except (aiohttp.ClientError, OSError, FleetError, ValueError) as error:
            _log.warning("ingress_unreachable", url=self.url, error=type(error).__name__)
            raise IngressUnreachableError from None


LOCAL: Final = IngressDoor("http://127.0.0.1:8080")
"""Where the ingress is unless something else is said."""


def _document(raw: bytes) -> dict[str, object]:
    try:
        found: object = json.loads(raw)
    except ValueError:
        return {}
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}
