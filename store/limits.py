"""Limits in Redis: those that a gateway has of its own, in its hash, beside the counters of what it has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.gateway import Gateway
from domain.limits import LIMIT_NAMES, Limits, Use
from store import keys
from store.calls import Call, Reply, one, pairs, text
from store.gateways import of_row
from store.scripts import load

_PREFIX: Final = "limit_"


@dataclass(frozen=True, slots=True)
class Account:
    """What a gateway may have and what it has.

    Attributes:
        gateway: the gateway.
        own: the limits of its own, as text by name; the others are the server's.
        use: what it has.
    """

    gateway: Gateway
    own: Mapping[str, str]
    use: Use

    def limits(self, defaults: Limits) -> Limits:
        """All its limits, given those of the server."""
        return defaults.with_own(self.own)


def read(name_or_id: str) -> Call[Account | None]:
    """The account of a gateway, None when there is none of that name or id."""
    return change(name_or_id, {})


def change(name_or_id: str, limits: Mapping[str, str]) -> Call[Account | None]:
    """Give a gateway limits of its own.

    Args:
        name_or_id: of the gateway.
        limits: numbers as text by the names of `Limits`; "" for what is to be the server's again.

    Returns:
        The account after this, None when there is no such gateway.
    """
    flat = [part for pair in limits.items() for part in pair]
    return one(load("limit_gateway").command(keys.GATEWAYS, name_or_id, *flat), _account)


def _account(reply: Reply) -> Account | None:
    if reply is None:
        return None
    fields = pairs(reply[1])
    own = {name: text(fields[_PREFIX + name]) for name in LIMIT_NAMES if _PREFIX + name in fields}
    return Account(of_row((text(reply[0]), fields)), own, Use(*map(int, reply[2:])))
