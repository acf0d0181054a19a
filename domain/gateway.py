"""A gateway: the account that owns webhooks, subscriptions and tunnels."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gateway:
    """One tenant.

    Attributes:
        id: the Gateway ID.
        name: what its owner calls it; unique on the server.
        created_at: Unix time in milliseconds.
        revoked: whether its access tokens have been withdrawn.
        expires_at: when its access token ends, Unix ms; None: never.
        old_until: until when the token before that opens, too, Unix ms; None: it does not.
        is_operator: whether its owner runs the server, and may see and stop what all gateways share.
    """

    id: str
    name: str
    created_at: int
    revoked: bool = False
    expires_at: int | None = None
    old_until: int | None = None
    is_operator: bool = False
