"""The HTTP target: a local server gets the sender's request, byte for byte, and its status is the answer."""

import errno
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import aiohttp

from domain.delivery import Outcome
from domain.retry import parse_retry_after
from relay.connector.exact_request import ExactRequest
from relay.connector.outgoing import (
    UnreadableRequestError,
    UnsafePathError,
    outgoing_headers,
    outgoing_url,
    target_url,
)
from relay.connector.target import Answer, Arrival, KeepAlive

_READ_AT_MOST: Final = 64 * 1024
# Below the keep-alive of usual servers (2 s and more), so that none hangs up just when we write.
_KEEP_ALIVE_S: Final = 1.5
_AUTO_HEADERS: Final = ("user-agent", "accept", "accept-encoding", "content-type")


def new_session(connections: int) -> aiohttp.ClientSession:
    """A session for HTTP targets that adds nothing to requests and keeps nothing of answers.

    Args:
        connections: the most connections at a time; the connector's concurrency.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections, keepalive_timeout=_KEEP_ALIVE_S),
        request_class=ExactRequest,
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=_AUTO_HEADERS,
        auto_decompress=False,
        trust_env=False,
    )


class HttpTarget:
    """Brings deliveries to one URL. 2xx is delivered, 410 refused; everything else is tried again."""

    def __init__(self, session: aiohttp.ClientSession, url: str, clock_ms: Callable[[], int]) -> None:
        """A target.

        Args:
            session: made by `new_session`; may be shared by targets.
            url: where the local server is.
            clock_ms: Unix time in milliseconds.

        Raises:
            InvalidInputError: the URL cannot be used.
        """
        self._session = session
        self._url = target_url(url)
        self._clock_ms = clock_ms

    async def deliver(self, arrival: Arrival, keep_alive: KeepAlive) -> Answer:
        """Pass a request on and say what its answer means. Before the answer there is no sign of life."""
        del keep_alive
        request = arrival.request
        try:
            response = await self._session.request(
                request.method,
                outgoing_url(self._url, request.path, request.query),
                data=request.body,
                headers=outgoing_headers(arrival),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=arrival.timeout_s),
            )
        except UnsafePathError:
            return Answer(Outcome.REFUSED, "path leaves the target")
        except UnreadableRequestError:
            return Answer(Outcome.RETRY, "envelope unreadable")
        except (aiohttp.ClientError, OSError) as error:
            return Answer(Outcome.RETRY, _note(error))
        answer = self._answer(response)
        await _discard(response)
        return answer

    def _answer(self, response: aiohttp.ClientResponse) -> Answer:
        note = str(response.status)
        if HTTPStatus(200) <= response.status < HTTPStatus(300):
            return Answer(Outcome.DELIVERED, note)
        if response.status == HTTPStatus.GONE:
            return Answer(Outcome.REFUSED, note)
        wish = response.headers.get("retry-after", "")
        return Answer(Outcome.RETRY, note, parse_retry_after(wish, self._clock_ms() / 1000))


def _note(error: Exception) -> str:
    """Why there is no answer, in a few words."""
    match error:
        case TimeoutError():
            return "timeout"
        case aiohttp.ClientConnectorError():
            return _connection_note(error)
        case aiohttp.ClientResponseError():
            return "no valid HTTP answer"
        case _:
            return "connection lost"


def _connection_note(error: aiohttp.ClientConnectorError) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "host name not found"
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return "TLS failed"
    return "connection refused" if error.os_error.errno == errno.ECONNREFUSED else "no connection"


async def _discard(response: aiohttp.ClientResponse) -> None:
    """Read what there is, so that the connection can be used again; nobody wants its content."""
    try:
        left = _READ_AT_MOST
        while left > 0 and (chunk := await response.content.read(left)):
            left -= len(chunk)
    except (aiohttp.ClientError, TimeoutError, OSError):
        pass  # the status was clear, and it alone is the answer
    finally:
        response.release()
