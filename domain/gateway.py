"""A gateway: the account that owns webhooks, subscriptions and tunnels."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gateway:
    """One tenant.

    Attributes:
        id: the Gateway ID.
        name: what its owner calls it; unique on the server.
        created_at: Unix time in milliseconds.
        revoked: whether its access token has been withdrawn.
    """

    id: str
    name: str
    created_at: int
    revoked: bool = False
