"""Where events go: a port of this machine, or a URL, as people write it."""

import re
import socket
from dataclasses import dataclass
from typing import Final

from domain.errors import InvalidInputError
from domain.reach import is_loopback
from relay.connector.loopback import LOCALHOST, addresses
from relay.connector.outgoing import target_url

_PORT: Final = re.compile(r":?([0-9]{1,5})(/.*)?")
_PROBE_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Destination:
    """A program that wants events.

    Attributes:
        url: where it listens.
        host: its host, without brackets.
        port: its port.
        is_encrypted: whether it speaks https.
        typed: how it was named.
    """

    url: str
    host: str
    port: int
    is_encrypted: bool
    typed: str

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine."""
        return is_loopback(self.host)


def destination(text: str, path: str | None) -> Destination:
    """What `3000`, `localhost:3000/hooks`, `[::1]:3000` or a URL means.

    Args:
        text: as it was typed. A port alone is one of this machine, by whichever of its two loopback
            addresses the program listens on.
        path: the path there; None: as in the text.

    Raises:
        InvalidInputError: it means nothing, or says two paths.
    """
    url = target_url(_as_url(text))
    host, port = url.host, url.port
    if host is None or port is None or not 0 < port <= 65_535:  # noqa: PLR2004 - the largest port
        raise _unclear(text)
    if path is not None:
        if url.raw_path not in {"", "/"}:
            raise InvalidInputError("path", "There are two paths: leave --path out, or the one in the URL.")
        url = target_url(f"{url.scheme}://{url.raw_authority}/{path.lstrip('/')}")
    return Destination(str(url), host, port, url.scheme == "https", text)


def _as_url(text: str) -> str:
    if found := _PORT.fullmatch(text):
        return f"http://{LOCALHOST}:{int(found[1])}{found[2] or '/'}"
    if "://" in text:
        return text
    if not re.match(r"(\[[0-9a-fA-F:.]+\]|[^/:\s]+):[0-9]+(/|$)", text):
        # A webhook's name is easily typed here.
        raise _unclear(text)
    return f"http://{text}"


def _unclear(text: str) -> InvalidInputError:
    return InvalidInputError(
        "where",
        f"{text!r} does not say where events go. Write a port of this machine first, as in"
        " 'fleet listen 3000', or a URL such as http://localhost:3000/hooks.",
    )


def is_listening(where: Destination) -> bool:
    """Whether something listens there now."""
    hosts = addresses() if where.host == LOCALHOST else (where.host,)
    return any(_answers(host, where.port) for host in hosts)


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), _PROBE_S).close()
    except OSError:
        return False
    return True
