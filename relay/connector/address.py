"""The address of a tunnel, made from the address of the relay."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from domain.errors import InvalidInputError

PATH: Final = "/tunnel"
_SCHEMES: Final = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


def tunnel_url(relay_url: str, *, insecure: bool) -> str:
    """The WebSocket URL of a relay.

    Args:
        relay_url: where the relay is: http, https, ws or wss.
        insecure: allow an unencrypted connection that leaves this machine.

    Raises:
        InvalidInputError: this is no such URL, or it is not encrypted and leaves this machine.
    """
    parts = _split(relay_url)
    scheme, host = _SCHEMES.get(parts.scheme), parts.hostname
    if scheme is None or not host:
        raise _unusable()
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise InvalidInputError(
            "relay_url", "The address of the relay has a host and a path, and nothing else."
        )
    if scheme == "ws" and not is_loopback(host) and not insecure:
        raise InvalidInputError(
            "relay_url",
            f"The connection to {host} would not be encrypted, the access token readable on its way;"
            " use https://, or allow it with --insecure.",
        )
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}{PATH}"


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises when it is no number
    except ValueError:
        raise _unusable() from None
    return parts


def _unusable() -> InvalidInputError:
    return InvalidInputError(
        "relay_url", "The address of the relay must look like https://relay.example.org."
    )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        # Names below it are anybody's to a resolver that does not know RFC 6761.
        return host == "localhost"
