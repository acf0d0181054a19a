"""The network: whether an address is still this machine's, and by which one it would reach another."""

import errno
import socket
from typing import Any, Final

Address = tuple[Any, ...]
"""Of a socket: host and port, for IPv6 also flow and scope."""

_OF_IPV6: Final = 4
_ANY_PORT: Final = 0
_DISCARD: Final = 9
# Addresses that nobody has (RFC 5737, RFC 3849): the way to them is the way to anywhere.
_ANYWHERE: Final[tuple[Address, ...]] = (("192.0.2.1", _DISCARD), ("2001:db8::1", _DISCARD, 0, 0))


class Network:
    """What the kernel knows of this machine's network. It sends nothing, and costs microseconds."""

    def has(self, address: Address) -> bool:
        """Whether an address is still this machine's. Yes, too, when the kernel says nothing clear."""
        try:
            with _probe(address) as probe:
                probe.bind((address[0], _ANY_PORT, *address[2:]))
        except OSError as error:
            return error.errno != errno.EADDRNOTAVAIL
        return True

    def ways(self, peer: Address | None = None) -> tuple[str, ...]:
        """The addresses by which this machine would reach anywhere, and a peer; "" where there is no way."""
        return tuple(_way(each) for each in (*_ANYWHERE, *([peer] if peer else ())))


def _probe(address: Address) -> socket.socket:
    family = socket.AF_INET6 if len(address) == _OF_IPV6 else socket.AF_INET
    return socket.socket(family, socket.SOCK_DGRAM)


def _way(peer: Address) -> str:
    try:
        with _probe(peer) as probe:
            # UDP connects without a word; the kernel only chooses where it would send from.
            probe.connect(peer)
            return str(probe.getsockname()[0])
    except OSError:
        return ""
