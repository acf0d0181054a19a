"""Git over http and https: the two requests of the smart protocol, on connections that live on.

No proxies, no netrc, no cookies; redirects on the same server only.
Source: gitprotocol-http, "Smart Clients".
"""

import ssl
from base64 import b64encode
from contextlib import suppress
from hashlib import sha256
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from typing import Final
from urllib.parse import urljoin, urlsplit

from dulwich.protocol import Protocol

from domain.git.address import Address, payload_key, repo_key, shown
from domain.git.repo import RepoSpec
from workers.git.credentials import Credentials
from workers.git.failure import PollFailedError
from workers.git.idle import Key
from workers.git.lines import Lines
from workers.git.listing import MAX_BYTES, TooLargeError
from workers.git.refusals import refusal
from workers.git.targets import Target, target_of
from workers.git.way import GitWay, port_of

_SERVICE: Final = "git-upload-pack"
_OPENING: Final = f"/info/refs?service={_SERVICE}"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 5
_REST_BYTES: Final = 65_536
_SHOWN: Final = 200
# What GitHub serves calls itself git.
_AGENT: Final = "git/Fleet-Gateway"


class _Response(HTTPResponse):
    """An answer whose chunks have sizes: -1 would be read to the end, however far that is."""

    def _read_next_chunk_size(self) -> int:
        size: int = super()._read_next_chunk_size()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
        if size < 0:
            raise HTTPException
        return size  # pyright: ignore[reportUnknownVariableType]


class HttpConversation:
    """The requests of one poll."""

    def __init__(
        self, address: Address, spec: RepoSpec, credentials: Credentials | None, way: GitWay, lines: Lines
    ) -> None:
        self._address = address
        self._credentials = credentials
        self._way = way
        self._lines = lines
        self._path = address.path
        self._may_be_overheard = spec.insecure_skip_tls
        self._tls: ssl.SSLContext | None = None
        trust, authorization = "", _authorization(credentials)
        if address.scheme == "https":
            trust, self._tls = way.trust.context(spec.ca_bundle, anybody=spec.insecure_skip_tls)
        self._key = Key(address.scheme, address.host, port_of(address), trust, _digest(authorization))
        self._headers = {"User-Agent": _AGENT, "Git-Protocol": "version=2", "Pragma": "no-cache"}
        if authorization:
            self._headers["Authorization"] = authorization
        self._connection: HTTPConnection | None = None
        self._answer: HTTPResponse | None = None

    def opening(self) -> Protocol:
        """What the server says first: what it can do, or all its refs.

        Raises:
            PollFailedError: it says something else, or cannot be reached.
            OSError, http.client.HTTPException: the connection broke.
        """
        for _ in range(_MOST_REDIRECTS):
            answer = self._ask("GET", _OPENING)
            if answer.status not in _REDIRECTS:
                return self._said(answer, "advertisement")
            self._path = self._redirected(answer.getheader("Location", ""))
        raise PollFailedError(f"{self._address.host} redirects without end; check the URL in `repo`.")

    def asked(self, request: bytes) -> Protocol:
        """What it says to a request. Raises what `opening` does."""
        return self._said(self._ask("POST", f"/{_SERVICE}", request), "result")

    @property
    def moved_to(self) -> str:
        """Where the server has redirected to, if pushes name another repository then; "" if they do not."""
        if self._path == self._address.path:
            return ""
        there = f"{self._here()}{self._path}"
        return "" if payload_key(there) == repo_key(f"{self._here()}{self._address.path}") else there

    def finish(self) -> None:
        """Everything was read: the next poll may have the connection."""
        if self._connection is not None and self._is_at_end():
            self._way.idle.keep(self._key, self._connection)
            self._connection = None

    def close(self) -> None:
        """Close the connection, unless it was kept."""
        if self._answer is not None:
            self._answer.close()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, method: str, end: str, body: bytes | None = None) -> HTTPResponse:
        if not self._is_at_end():
            self.close()
        if self._connection is None and (idle := self._way.idle.take(self._key)) is not None:
            self._connection = idle
            self._lines.add(idle.sock)
        if self._connection is not None:
            # It may have been closed in the meantime, which is no failure: a new one is tried then.
            with suppress(ConnectionError, ssl.SSLError):
                return self._ask_on(self._connection, method, end, body)
            self.close()
        self._connection = self._connected()
        return self._ask_on(self._connection, method, end, body)

    def _ask_on(self, connection: HTTPConnection, method: str, end: str, body: bytes | None) -> HTTPResponse:
        connection.sock.settimeout(self._lines.left_s())
        self._check_privacy(connection)
        kind = {"Content-Type": f"application/x-{_SERVICE}-request"} if body is not None else {}
        connection.request(method, self._path + end, body=body, headers={**self._headers, **kind})
        self._answer = connection.getresponse()
        return self._answer

    def _connected(self) -> HTTPConnection:
        host, port = self._address.host, port_of(self._address)
        line = self._way.connect(self._address, self._lines)
        try:
            if self._tls is None:
                connection = HTTPConnection(host, port)
            else:
                connection = HTTPSConnection(host, port, context=self._tls)
                line = self._tls.wrap_socket(line, server_hostname=host)
        except (ssl.SSLError, ValueError) as error:
            line.close()
            raise PollFailedError(_untrusted(host, error), is_host_fault=True) from None
        except BaseException:
            line.close()
            raise
        connection.sock = line
        connection.response_class = _Response
        # By itself it would connect anew: to whatever its host resolves to then, unchecked.
        connection.auto_open = 0
        return connection

    def _check_privacy(self, connection: HTTPConnection) -> None:
        """Credentials do not go through a network in the clear."""
        if self._credentials is None or self._tls is not None or self._may_be_overheard:
            return
        if target_of(str(connection.sock.getpeername()[0])) is not Target.LOOPBACK:
            raise PollFailedError(
                f"The credentials of {self._credentials.where} are not sent over http, where others can read "
                "them; write https:// into `repo`, or set insecureSkipTLSVerify if you accept that."
            )

    def _said(self, answer: HTTPResponse, what: str) -> Protocol:
        host = self._address.host
        if answer.status != HTTPStatus.OK:
            raise refusal(host, answer.status, self._credentials)
        if answer.getheader("Content-Type", "").partition(";")[0] != f"application/x-{_SERVICE}-{what}":
            raise PollFailedError(
                f"{host} answers with something else than Git; is `repo` the URL to clone from?"
            )
        read = 0

        def reading(count: int) -> bytes:
            nonlocal read
            part = answer.read(count)
            if len(part) < count and answer.length:
                raise IncompleteRead(b"")
            read += len(part)
            if read > MAX_BYTES:
                raise TooLargeError
            return part

        return Protocol(reading, lambda _: None)

    def _is_at_end(self) -> bool:
        """Whether nothing more of the last answer is to come, so that the connection can be used again."""
        if self._answer is None:
            return True
        with suppress(OSError, HTTPException):
            self._answer.read(_REST_BYTES)
            return (
                self._answer.isclosed() and self._connection is not None and self._connection.sock is not None
            )
        return False

    def _here(self) -> str:
        """The server, as a URL begins."""
        host, port = self._address.host, port_of(self._address)
        written = f"[{host}]" if ":" in host else host
        is_usual = port == _PORT_OF[self._address.scheme]
        return f"{self._address.scheme}://{written}{'' if is_usual else f':{port}'}"

    def _redirected(self, location: str) -> str:
        """The path to go on with."""
        host, port = self._address.host, port_of(self._address)
        try:
            target = urlsplit(urljoin(f"{self._here()}{self._path}{_OPENING}", location))
            place = target.scheme, target.hostname, target.port or _PORT_OF.get(target.scheme)
        except ValueError:
            raise PollFailedError(f"{host} redirects to something that is no URL.") from None
        asked = f"{target.path}?{target.query}"
        if place == (self._address.scheme, host, port) and asked.endswith(_OPENING) and location.isascii():
            return asked.removesuffix(_OPENING)
        elsewhere = shown(target.geturl()).removesuffix("/info/refs")[:_SHOWN]
        raise PollFailedError(
            f"{host} redirects to {elsewhere}, and this gateway does not follow. If the repository is there "
            "now, write that into `repo`; if that is a page to log in, clientSecretName is missing or wrong."
        )


_PORT_OF: Final = {"https": 443, "http": 80}


def _authorization(credentials: Credentials | None) -> str:
    if credentials is None:
        return ""
    return "Basic " + b64encode(f"{credentials.username}:{credentials.password}".encode()).decode()


def _digest(authorization: str) -> str:
    return sha256(authorization.encode()).hexdigest() if authorization else ""


def _untrusted(host: str, error: ssl.SSLError | ValueError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"The certificate of {host} is not trusted ({error.verify_message}); if a CA of your own issued "
            "it, set caBundle."
        )
    return f"{host} does not speak TLS as it should; is https right in `repo`, and the port?"
