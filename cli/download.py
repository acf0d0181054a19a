"""A download from the internet: over https only, and bounded in size, time and redirects."""

import asyncio
import ssl
from http import HTTPStatus
from typing import Final
from urllib.parse import urljoin, urlsplit

import aiohttp

from domain.errors import FleetError

MAX_BYTES: Final = 1024 * 1024
MAX_SECONDS: Final = 30.0
_MAX_REDIRECTS: Final = 5
_MOVED: Final = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)


class DownloadError(FleetError):
    """Nothing usable came; the text says why."""


def is_url(text: str) -> bool:
    """Whether a text is meant as a URL and not as the name of a file."""
    return "://" in text


def download(url: str) -> bytes:
    """What stands at a URL.

    Raises:
        DownloadError: the URL or one that it leads to is not https, its certificate cannot be trusted, or the
            answer is an error, too large or too slow.
    """
    try:
        return asyncio.run(_download(url))
    except TimeoutError:
        raise DownloadError(f"It did not come within {MAX_SECONDS:g} seconds.") from None
    except aiohttp.ClientConnectorCertificateError:
        raise DownloadError("The certificate of its server cannot be trusted.") from None
    except aiohttp.ClientError as error:
        raise DownloadError(f"It cannot be downloaded ({type(error).__name__}).") from None


async def _download(url: str) -> bytes:
    # Made here: aiohttp's own is made at its import, and knows nothing of SSL_CERT_FILE set since.
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context())
    timeout = aiohttp.ClientTimeout(total=MAX_SECONDS)
    async with (
        asyncio.timeout(MAX_SECONDS),
        aiohttp.ClientSession(connector=connector, timeout=timeout) as web,
    ):
        for _ in range(_MAX_REDIRECTS + 1):
            _require_https(url)
            async with web.get(url, allow_redirects=False) as response:
                if response.status not in _MOVED:
                    return await _content(response)
                url = urljoin(url, response.headers.get("Location", ""))
    raise DownloadError(f"It was moved more than {_MAX_REDIRECTS} times.")


def _require_https(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "https" and bool(parts.hostname) and parts.username is None
    except ValueError:
        usable = False
    if not usable:
        raise DownloadError("Only https:// URLs without a user are followed.")


async def _content(response: aiohttp.ClientResponse) -> bytes:
    if response.status != HTTPStatus.OK:
        raise DownloadError(f"Its server answered {response.status}.")
    content = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        content += chunk
        if len(content) > MAX_BYTES:
            raise DownloadError(f"It has more than {MAX_BYTES} bytes.")
    return bytes(content)
