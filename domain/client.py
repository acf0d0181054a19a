"""Who the client is when proxies stand before us: what our own proxies vouch for, and nothing else.

`X-Forwarded-For` is a list that every proxy extends at its right end by the address it was called from, so
only its right end can be believed, and only as far as the proxies there are ours. What a client writes into
it stands further left and is never reached. `Forwarded` (RFC 7239) is not read: two headers that may
contradict each other are a hole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from domain.networks import Address, Networks, address_of

MAX_HOPS: Final = 32
"""How many of our own proxies may stand in a row. Nobody knows the client behind more."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who calls.

    Attributes:
        address: the address, None when it is not known. An unknown address is on no list.
        is_secure: whether the client came over https.
    """

    address: Address | None
    is_secure: bool


def client_of(
    peer: str | None,
    *,
    is_secure: bool,
    forwarded_for: Sequence[bytes],
    forwarded_proto: Sequence[bytes],
    trusted: Networks,
) -> Client:
    """The client of a request.

    The address is the right-most one of the chain (X-Forwarded-For, then the peer) that is not a trusted
    proxy; the left-most when all of them are. An entry that is no address ends the search: nobody knows what
    it stands for.

    The scheme is the right-most value of X-Forwarded-Proto: what the proxy that calls us says of its own
    client, whether it replaces what it was sent (nginx) or appends to it. Without the header nobody vouches
    for https.

    Args:
        peer: address of the other end of the socket, None when it has none (a Unix socket).
        is_secure: whether that socket speaks TLS.
        forwarded_for: values of the X-Forwarded-For header lines, in order.
        forwarded_proto: likewise of X-Forwarded-Proto.
        trusted: our own proxies. The headers of others change nothing.
    """
    address = None if peer is None else address_of(peer)
    if address is None or address not in trusted:
        return Client(address, is_secure)
    return Client(_first_stranger(address, forwarded_for, trusted), _says_https(forwarded_proto))


def _first_stranger(peer: Address, forwarded_for: Sequence[bytes], trusted: Networks) -> Address | None:
    address = peer
    for hops, entry in enumerate(_from_the_right(forwarded_for), start=1):
        found = _address_in(entry)
        if found is None or hops > MAX_HOPS:
            return None
        address = found
        if address not in trusted:
            return address
    return address


def _from_the_right(lines: Sequence[bytes]) -> Iterator[bytes]:
    # Several lines of one header are one list (RFC 9110, section 5.3). What is left of MAX_HOPS stays in one
    # piece, which is no address.
    for line in reversed(lines):
        yield from reversed(line.rsplit(b",", MAX_HOPS))


def _address_in(entry: bytes) -> Address | None:
    """The address of an entry, which may have a port: `192.0.2.1:80`, `[2001:db8::1]:80`."""
    text = entry.strip(b" \t").decode("latin-1")
    if text.startswith("["):
        inside, bracket, port = text[1:].partition("]")
        return address_of(inside) if bracket and _is_port(port) and ":" in inside else None
    host, colon, port = text.partition(":")
    return address_of(host if _is_port(colon + port) else text)


def _is_port(text: str) -> bool:
    return not text or (text[0] == ":" and text[1:].isascii() and text[1:].isdigit())


def _says_https(forwarded_proto: Sequence[bytes]) -> bool:
    if not forwarded_proto:
        return False
    return forwarded_proto[-1].rpartition(b",")[2].strip(b" \t").lower() == b"https"
