"""Tunnels in Redis: the lease that a live connection holds on the deliveries it has taken."""

from collections.abc import Sequence

from store import keys
from store.calls import Call, one, text
from store.scripts import load


def open_tunnel(
    gateway: str,
    tunnel: str,
    session: str,
    subscriptions: Sequence[str],
    holding: Sequence[tuple[str, int]],
    now_ms: int,
    lease_ms: int,
) -> Call[int]:
    """Claim a tunnel's lease for a session; an older session of the tunnel loses it.

    What the tunnel had taken and its connector no longer holds goes back to the streams.

    Args:
        gateway: the Gateway ID.
        tunnel: the connector's tunnel id, the same over reconnections.
        session: a fresh id of this connection.
        subscriptions: ids of the subscriptions it serves.
        holding: deliveries that the connector is still working on, and which attempt of each.
        now_ms: Unix time in milliseconds.
        lease_ms: how long the lease lasts without renewal, in milliseconds.

    Returns:
        How many deliveries went back.
    """
    held = [part for pair in holding for part in pair]
    command = load("open_tunnel").command(
        gateway, tunnel, session, now_ms, lease_ms, len(subscriptions), *subscriptions, *held
    )
    return one(command, int)


def renew(gateway: str, tunnel: str, session: str, now_ms: int, lease_ms: int) -> Call[bool]:
    """Prolong a lease. False: it lapsed, or a newer session holds it."""
    return one(load("renew_tunnel").command(gateway, tunnel, session, now_ms, lease_ms), bool)


def close_tunnel(gateway: str, tunnel: str, session: str, now_ms: int) -> Call[bool]:
    """Give a lease back with all it had taken. False: the session no longer held it.

    An empty session closes the tunnel whoever holds it, provided that its lease has ended.
    """
    return one(load("close_tunnel").command(gateway, tunnel, session, now_ms), bool)


def live(gateway: str) -> Call[list[str]]:
    """Ids of the gateway's live tunnels."""
    return one(("SMEMBERS", keys.tunnels(gateway)), lambda reply: sorted(text(name) for name in reply))
