"""IP addresses and networks as people write them, and sets of networks that are asked many times a second.

An IPv4 address that is written as an IPv6 one (`::ffff:192.0.2.1`, RFC 4291, section 2.5.5.2) is that IPv4
address: a socket that takes both kinds shows its IPv4 peers like this.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_MAPPED: Final = IPv6Network("::ffff:0:0/96")
_LONGEST_ADDRESS: Final = 64
_PREFIX: Final = re.compile("0|[1-9][0-9]{0,2}")
_FORM: Final = "it must be an IP address or a network such as 192.0.2.0/24 or 2001:db8::/32"


@lru_cache(maxsize=4096)
def address_of(text: str) -> Address | None:
    """The address that a text is, None when it is none. A zone id (`fe80::1%eth0`) is left out.

    Args:
        text: without a port or brackets.
    """
    bare, percent, zone = text.partition("%")
    if len(bare) > _LONGEST_ADDRESS or (percent and (not zone or ":" not in bare)):
        return None
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def network_of(text: str) -> Network:
    """The network that a text is; an address is a network of one.

    Raises:
        ValueError: it is none, or its address has bits that the prefix does not cover. The text begins with
            "it must".
    """
    base, slash, prefix = text.partition("/")
    address = address_of(base)
    if address is None or "%" in text or (slash and not _PREFIX.fullmatch(prefix)):
        raise ValueError(_FORM)
    if not slash:
        return ip_network(address)
    try:
        loose = ip_network(f"{base}/{prefix}", strict=False)
    except ValueError:
        raise ValueError(_FORM) from None
    if loose.network_address != ip_address(base):
        # Nobody can know whether the one address was meant or the whole network.
        raise ValueError(f"it must be {loose} for the network or {address} for the one address")
    return _unmapped(loose)


def _unmapped(network: Network) -> Network:
    """A network of IPv4 addresses in IPv6 form as the IPv4 network that it is."""
    if isinstance(network, IPv4Network) or not network.overlaps(_MAPPED):
        return network
    if network.prefixlen < _MAPPED.prefixlen:
        return network  # ::/0 and the like: every IPv6 address, and no IPv4 address
    base = int(network.network_address) & 0xFFFFFFFF
    return IPv4Network((base, network.prefixlen - _MAPPED.prefixlen))


class Networks:
    """A set of networks. Asking whether an address is in it costs a microsecond, however many there are."""

    def __init__(self, networks: Iterable[Network] = ()) -> None:
        self._networks = tuple(networks)
        bases: dict[tuple[int, int], set[int]] = {}
        for network in self._networks:
            shift = network.max_prefixlen - network.prefixlen
            known = bases.setdefault((network.version, shift), set())
            known.add(int(network.network_address) >> shift)
        # For each length of prefix that occurs: how many bits to drop, and what may be left.
        self._bases = {
            version: [(shift, frozenset(left)) for (of, shift), left in bases.items() if of == version]
            for version in (4, 6)
        }

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Networks":
        """The set of networks that these texts are.

        Raises:
            ValueError: one of them is no network.
        """
        return cls(map(network_of, texts))

    def __contains__(self, address: Address) -> bool:
        bits = int(address)
        return any(bits >> shift in left for shift, left in self._bases[address.version])

    def __bool__(self) -> bool:
        return bool(self._networks)


NOBODY: Final = Networks()
"""The set without networks."""
