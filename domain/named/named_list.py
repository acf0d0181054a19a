"""A named list: where a sender's requests come from, who says so, and on which day that was so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, collapse_addresses
from typing import Final

from domain.errors import InvalidInputError
from domain.networks import Network, network_of

MAX_NETWORKS: Final = 2000
"""How many networks one list may have."""

_WIDEST: Final = {4: 8, 6: 16}
_MOST: Final = 4  # times the widest: all networks of one kind together

# Nothing on the internet sends from here, so a list that holds one of these was forged or went wrong (RFC
# 6890). The ranges for documentation are left out, for they harm nobody.
_NOT_PUBLIC: Final[tuple[Network, ...]] = (
    *map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "224.0.0.0/3",
        ),
    ),
    *map(IPv6Network, ("::/16", "64:ff9b:1::/48", "fc00::/7", "fe80::/10", "ff00::/8")),
)


@dataclass(frozen=True, slots=True)
class NamedList:
    """The networks of a sender.

    Attributes:
        name: what webhooks call it, without the mark.
        title: the sender as people know it.
        source: where the sender says so: a page to look at.
        feed: URL of a file that `fleet networks refresh` can read; "" when the sender publishes none.
        as_of: a day on which the networks were these, as in "2026-01-31".
        networks: in CIDR notation.
    """

    name: str
    title: str
    source: str
    feed: str
    as_of: str
    networks: tuple[str, ...]


def checked_networks(texts: Iterable[str]) -> tuple[str, ...]:
    """The networks of a list as they are kept: sorted, and without those that others include.

    Raises:
        InvalidInputError: there are none or too many, one is no network, or one cannot be a sender's: too
            wide, or not of the public internet.
    """
    found = [_checked(text) for text in texts]
    if not found:
        raise InvalidInputError("networks", "It has no networks.")
    four = list(collapse_addresses(each for each in found if isinstance(each, IPv4Network)))
    six = list(collapse_addresses(each for each in found if isinstance(each, IPv6Network)))
    if len(four) + len(six) > MAX_NETWORKS:
        raise InvalidInputError("networks", f"It has more than {MAX_NETWORKS} networks.")
    # Many that are narrow enough one by one may be most of the internet.
    if _is_too_wide(four) or _is_too_wide(six):
        raise InvalidInputError("networks", "Its networks together are wider than any sender.")
    return (*map(str, four), *map(str, six))


def _is_too_wide(networks: Sequence[Network]) -> bool:
    """Whether collapsed networks of one kind are more than a sender has."""
    if not networks:
        return False
    widest = 1 << (networks[0].max_prefixlen - _WIDEST[networks[0].version])
    sizes = [each.num_addresses for each in networks]
    return max(sizes) > widest or sum(sizes) > _MOST * widest


def _checked(text: str) -> Network:
    shown = repr(text[:64])
    try:
        network = network_of(text)
    except ValueError as error:
        raise InvalidInputError("networks", f"It holds {shown}; {error}.") from None
    if network.prefixlen < _WIDEST[network.version]:
        raise InvalidInputError("networks", f"It holds {shown}, which is wider than any sender.")
    if any(network.version == other.version and network.overlaps(other) for other in _NOT_PUBLIC):  # pyright: ignore[reportArgumentType]
        raise InvalidInputError("networks", f"It holds {shown}, which is not of the public internet.")
    return network
