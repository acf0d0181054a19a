"""The HTTP target: a local server gets the sender's request, byte for byte, and its status is the answer."""

import errno
import ssl
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import aiohttp

from domain.delivery import Outcome
from domain.retry import parse_retry_after
from relay.connector.exact_request import ExactRequest
from relay.connector.loopback import LoopbackResolver
from relay.connector.outgoing import (
    UnreadableRequestError,
    UnsafePathError,
    outgoing_headers,
    outgoing_url,
    target_url,
)
from relay.connector.target import Answer, Arrival, KeepAlive
from relay.connector.targets.keeping_alive import KeepingAlive

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
        connector=aiohttp.TCPConnector(
            limit=connections, keepalive_timeout=_KEEP_ALIVE_S, resolver=LoopbackResolver()
        ),
        request_class=ExactRequest,
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=_AUTO_HEADERS,
        auto_decompress=False,
        trust_env=False,
    )


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """How a request is brought to a URL.

    Attributes:
        headers: added to those of the sender; see `outgoing.added_headers`.
        host: the Host header; `outgoing.ORIGINAL`: the sender's; "": the target's own.
        tls: whom to trust behind https://; True: the CAs of the system; False: anybody.
        timeout_s: how long an attempt may take, in seconds; None: what the subscription says.
    """

    headers: tuple[tuple[str, str], ...] = ()
    host: str = ""
    tls: ssl.SSLContext | bool = True
    timeout_s: float | None = None


_AS_SENT: Final = HttpOptions()


class HttpTarget:
    """Brings deliveries to one URL. 2xx is delivered, 410 refused; everything else is tried again."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        clock_ms: Callable[[], int],
        options: HttpOptions = _AS_SENT,
    ) -> None:
        """A target.

        Args:
            session: made by `new_session`; may be shared by targets.
            url: where the local server is.
            clock_ms: Unix time in milliseconds.
            options: how requests are brought there.

        Raises:
            InvalidInputError: the URL cannot be used.
        """
        self._session = session
        self._url = target_url(url)
        self._clock_ms = clock_ms
        self._options = options

    async def deliver(self, arrival: Arrival, keep_alive: KeepAlive) -> Answer:
        """Pass a request on and say what its answer means."""
        timeout_s = self._options.timeout_s
        if timeout_s is None:
            return await self._deliver(arrival, arrival.timeout_s)
        # Whoever wrote a time beside the target means it, also when the subscription has less.
        is_longer = timeout_s > arrival.timeout_s
        with KeepingAlive(keep_alive, arrival.timeout_s) if is_longer else nullcontext():
            return await self._deliver(arrival, timeout_s)

    async def _deliver(self, arrival: Arrival, timeout_s: float) -> Answer:
        request, options = arrival.request, self._options
        try:
            response = await self._session.request(
                request.method,
                outgoing_url(self._url, request.path, request.query),
                data=request.body,
                headers=outgoing_headers(arrival, options.headers, options.host),
                allow_redirects=False,
                ssl=options.tls,
                timeout=aiohttp.ClientTimeout(total=timeout_s),
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
