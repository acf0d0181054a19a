"""A download from the internet: over https only, and bounded in size, time and redirects."""

import contextlib
import socket
import ssl
import threading
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

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
    """What stands at a URL. Each step of a redirect has MAX_SECONDS.

    Raises:
        DownloadError: the URL or one that it leads to is not https, its certificate cannot be trusted, or the
            answer is an error, too large or too slow.
    """
    for _ in range(_MAX_REDIRECTS + 1):
        content, location = _one_step(_https(url))
        if location is None:
            return content
        url = urljoin(url, location)
    raise DownloadError(f"It was moved more than {_MAX_REDIRECTS} times.")


def _https(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "https" and bool(parts.hostname) and parts.username is None
        usable = usable and parts.port != 0 and url.isascii() and url.isprintable() and " " not in url
    except ValueError:
        usable = False
    if not usable:
        raise DownloadError("Only https:// URLs without a user are followed.")
    return urlsplit(url)


def _one_step(parts: SplitResult) -> tuple[bytes, str | None]:
    """The content, or where it is."""
    context = ssl.create_default_context()
    host = parts.hostname or ""
    connection = HTTPSConnection(host, parts.port)
    is_late = threading.Event()
    lines: list[socket.socket] = []
    # The time-out of a socket begins anew with every byte.
    watchdog = threading.Timer(MAX_SECONDS, _cut, [lines, is_late])
    watchdog.start()
    try:
        line = socket.create_connection((host, connection.port), MAX_SECONDS)
        # A socket of its own to the same connection: TLS takes the other one over while it shakes hands.
        lines.append(line.dup())
        if is_late.is_set():
            line.close()
            raise TimeoutError
        connection.sock = context.wrap_socket(line, server_hostname=host)
        connection.request("GET", f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}")
        response = connection.getresponse()
        if response.status in _MOVED:
            return b"", response.headers.get("Location", "")
        return _content(response), None
    except ssl.SSLCertVerificationError:
        raise DownloadError("The certificate of its server cannot be trusted.") from None
    except socket.gaierror:
        raise DownloadError(f"The name {host} cannot be resolved; ask this machine's DNS.") from None
    except (OSError, HTTPException) as error:
        if is_late.is_set() or isinstance(error, TimeoutError):
            raise DownloadError(f"It did not come within {MAX_SECONDS:g} seconds.") from None
        raise DownloadError(f"It cannot be downloaded ({type(error).__name__}).") from None
    finally:
        watchdog.cancel()
        connection.close()
        for each in lines:
            each.close()


def _cut(lines: list[socket.socket], is_late: threading.Event) -> None:
    is_late.set()
    for line in lines:
        with contextlib.suppress(OSError):  # gone
            line.shutdown(socket.SHUT_RDWR)


def _content(response: HTTPResponse) -> bytes:
    if response.status != HTTPStatus.OK:
        raise DownloadError(f"Its server answered {response.status}.")
    content = response.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise DownloadError(f"It has more than {MAX_BYTES} bytes.")
    return content
