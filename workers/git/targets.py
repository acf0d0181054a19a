"""Targets: which addresses a poll may contact. Judged by the address itself, after its name was resolved.

What an owner writes is a name, and a name can lead anywhere: to this machine, to its neighbours, or to where
a cloud hands out the credentials of its machines.
"""

from collections.abc import Iterable
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Final

from domain.networks import Address, Networks, address_of


class Target(StrEnum):
    """A kind of place that a repo can be at."""

    PUBLIC = "public"
    PRIVATE = "private"
    LOOPBACK = "loopback"
    LINK_LOCAL = "link-local"
    FILE = "file"


_LINK_LOCAL: Final = Networks.of(
    (
        "169.254.0.0/16",
        "fe80::/10",
        # Like 169.254.169.254, each tells whoever asks what its cloud confides to a machine.
        "fd00:ec2::/32",  # AWS: instance metadata (::254), and credentials of pods (::23), on IPv6
        "fd20:ce::254",  # Google Cloud, "About VM metadata": on IPv6
        "fd00:c1::a9fe:a9fe",  # Oracle Cloud, "Instance metadata service": on IPv6
        "fd00:42::42",  # Scaleway, metadata on IPv6
        "fd00:a9fe:a9fe::1",  # Linode, metadata on IPv6
        "fd00:100::100:200",  # Alibaba Cloud, metadata on IPv6
        "192.0.0.192",  # Oracle Cloud classic; public to some versions of Python
        "100.100.100.200",  # Alibaba Cloud, "Instance metadata"
        "168.63.129.16",  # Azure, "What is IP address 168.63.129.16?"
    )
)
_LOOPBACK: Final = Networks.of(("127.0.0.0/8", "::1"))
# RFC 1918, RFC 6598 (carrier-grade NAT, used for networks of one's own), RFC 4193, RFC 3879 (the older form).
_PRIVATE: Final = Networks.of(
    ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10")
)
# RFC 6052: how a machine without IPv4 reaches one that has nothing else.
_NAT64: Final = IPv6Network("64:ff9b::/96")
# RFC 4291, section 2.4: what is handed out as global unicast; without the tunnels of RFC 3056 and RFC 4380,
# which can lead to any IPv4 address.
_GLOBAL: Final = IPv6Network("2000::/3")
_TUNNELS: Final = Networks.of(("2002::/16", "2001::/32"))


def target_of(text: str) -> Target | None:
    """What kind of place an IP address is; None where nothing can be, such as 0.0.0.0 or a multicast one.

    Args:
        text: an IP address.
    """
    address = address_of(text)
    return None if address is None else _target(address)


def _target(address: Address) -> Target | None:
    if isinstance(address, IPv6Address) and address in _NAT64:
        address = IPv4Address(int(address) & 0xFFFFFFFF)
    for target, networks in (
        (Target.LINK_LOCAL, _LINK_LOCAL),
        (Target.LOOPBACK, _LOOPBACK),
        (Target.PRIVATE, _PRIVATE),
    ):
        if address in networks:
            return target
    return Target.PUBLIC if _is_public(address) else None


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and (address not in _GLOBAL or address in _TUNNELS):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def permitted(addresses: Iterable[str], targets: frozenset[Target]) -> list[str]:
    """The addresses that may be contacted, in their order."""
    return [each for each in addresses if target_of(each) in targets]


def named(addresses: Iterable[str]) -> str:
    """In words, what kinds of places addresses are: "loopback", "private and link-local"."""
    kinds = {found.value for each in addresses if (found := target_of(each)) is not None}
    return " and ".join(sorted(kinds)) or "unusable"
