"""Reach: from where an address can be called, as far as it says so itself."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

HERE_ONLY: Final = (
    "the gateway's own machine only; senders on the internet need a public address (FLEET_PUBLIC_URL)"
)
"""From where a webhook can be called whose URL names a loopback address."""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        # Names below it are anybody's to a resolver that does not know RFC 6761.
        return host == "localhost"


def caution(url: str | None) -> str:
    """A sentence about a webhook's URL that no sender on the internet can call; "" for others.

    Args:
        url: of a webhook; None: it cannot be read.
    """
    try:
        host = urlsplit(url or "").hostname or ""
    except ValueError:
        return ""
    return f"Its URL is reachable from {HERE_ONLY}." if is_loopback(host) else ""
