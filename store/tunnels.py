"""Tunnels in Redis: the lease that a live connection holds on the deliveries it has taken."""

from collections.abc import Sequence
from dataclasses import dataclass

from store import keys
from store.calls import Call, Reply, one, pairs, text
from store.scripts import load


@dataclass(frozen=True, slots=True)
class Claim:
    """Who claims a lease, and for what.

    Attributes:
        tunnel: the connector's tunnel id, the same over reconnections.
        session: a fresh id of this connection.
        subscriptions: ids of the subscriptions it serves.
        holding: deliveries that the connector is still working on, and which attempt of each.
        name: what the connector calls itself, its host as a rule.
        address: where the connection comes from.
        version: the connector's release.
    """

    tunnel: str
    session: str
    subscriptions: Sequence[str] = ()
    holding: Sequence[tuple[str, int]] = ()
    name: str = ""
    address: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class TunnelFacts:
    """A tunnel that has a connection now.

    Attributes:
        id: the tunnel id.
        name: what its connector calls itself.
        address: where the connection comes from.
        version: the connector's release.
        connected_at: since when there is this connection, Unix ms.
        seen_at: the last heartbeat at which the connector had been heard, Unix ms.
        round_trip_ms: how long a word and its answer take, in milliseconds; None: not measured yet.
        subscriptions: names of the subscriptions it serves.
    """

    id: str
    name: str
    address: str
    version: str
    connected_at: int
    seen_at: int
    round_trip_ms: float | None
    subscriptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LastTunnel:
    """The tunnel that left last, and is not back.

    Attributes:
        id: the tunnel id.
        name: what its connector called itself.
        address: where the connection came from.
        version: the connector's release.
        connected_at: when its last connection began, Unix ms.
        left_at: when it said goodbye, or its connection was lost, or it was seen last, Unix ms.
    """

    id: str
    name: str
    address: str
    version: str
    connected_at: int
    left_at: int


def open_tunnel(gateway: str, claim: Claim, now_ms: int, lease_ms: int) -> Call[int | None]:
    """Claim a tunnel's lease for a session; an older session of the tunnel loses it.

    What the tunnel had taken and its connector no longer holds goes back to the streams.

    Args:
        gateway: the Gateway ID.
        claim: who claims it, and for what.
        now_ms: Unix time in milliseconds.
        lease_ms: how long the lease lasts without renewal, in milliseconds.

    Returns:
        How many deliveries went back. None, and nothing is claimed: a subscription has ended meanwhile.
    """
    who = (claim.name, claim.address, claim.version)
    held = [part for pair in claim.holding for part in pair]
    serves = (len(claim.subscriptions), *claim.subscriptions)
    return one(
        load("open_tunnel").command(
            gateway, claim.tunnel, claim.session, now_ms, lease_ms, *who, *serves, *held
        ),
        lambda reply: None if reply < 0 else int(reply),
    )


def renew(
    gateway: str, tunnel: str, session: str, now_ms: int, lease_ms: int, round_trip_ms: float | None = None
) -> Call[bool]:
    """Prolong the lease of a tunnel that was heard. False: it lapsed, or a newer session holds it."""
    measured = "" if round_trip_ms is None else round_trip_ms
    return one(load("renew_tunnel").command(gateway, tunnel, session, now_ms, lease_ms, measured), bool)


def lose(gateway: str, tunnel: str, session: str, now_ms: int) -> Call[bool]:
    """Note that a connection is gone; the lease goes on. False: the session no longer held it."""
    return one(load("lose_tunnel").command(gateway, tunnel, session, now_ms), bool)


def close_tunnel(gateway: str, tunnel: str, session: str, now_ms: int) -> Call[bool]:
    """Give a lease back with all it had taken. False: the session no longer held it.

    An empty session closes the tunnel whoever holds it, provided that its lease has ended.
    """
    return one(load("close_tunnel").command(gateway, tunnel, session, now_ms), bool)


def about(gateway: str) -> Call[list[TunnelFacts]]:
    """The tunnels of a gateway that have a connection, oldest connection first.

    One whose connection is lost is not among them, even while its lease lasts.
    """

    def parse(reply: Reply) -> list[TunnelFacts]:
        return sorted((_facts(*row) for row in reply), key=lambda facts: (facts.connected_at, facts.id))

    return one(load("read_tunnels").command(gateway), parse)


def last(gateway: str) -> Call[LastTunnel | None]:
    """The tunnel of a gateway that left last. None: none has ever left, or that one is back."""
    return one(("HGETALL", keys.last_tunnel(gateway)), _last)


def _facts(tunnel: Reply, flat: Reply, subscriptions: Reply) -> TunnelFacts:
    lease = pairs(flat)
    measured = lease.get("round_trip_ms")
    return TunnelFacts(
        id=text(tunnel),
        name=text(lease["name"]),
        address=text(lease["address"]),
        version=text(lease["version"]),
        connected_at=int(lease["connected_at"]),
        seen_at=int(lease["seen_at"]),
        round_trip_ms=float(measured) if measured else None,
        subscriptions=tuple(map(text, subscriptions)),
    )


def _last(reply: Reply) -> LastTunnel | None:
    facts = pairs(reply)
    if not facts:
        return None
    return LastTunnel(
        id=text(facts["id"]),
        name=text(facts["name"]),
        address=text(facts["address"]),
        version=text(facts["version"]),
        connected_at=int(facts["connected_at"]),
        left_at=int(facts["left_at"]),
    )
