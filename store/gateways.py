"""Gateways in Redis: the accounts, and the hashes of the tokens that open them."""

from dataclasses import dataclass

from domain.errors import NameTakenError
from domain.gateway import Gateway
from store import keys
from store.calls import Call, Reply, one, pairs, text
from store.owned import Row, rows
from store.scripts import load


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token opens.

    Attributes:
        gateway: the gateway.
        ends_in_s: seconds until the token ends; None: never.
    """

    gateway: Gateway
    ends_in_s: float | None


def create(gateway: Gateway, token_hash: str, log_length: int | None = None) -> Call[None]:
    """Record a gateway and the hash of its access token.

    Args:
        gateway: the gateway.
        token_hash: of its access token.
        log_length: how many events its event log keeps, if fewer than others'.

    Raises:
        NameTakenError: another gateway has that name.
    """
    command = load("create_gateway").command(
        keys.GATEWAYS,
        gateway.id,
        gateway.name,
        gateway.created_at,
        token_hash,
        gateway.expires_at or "",
        int(gateway.is_operator),
        "" if log_length is None else log_length,
    )

    def parse(reply: Reply) -> None:
        if not reply:
            raise NameTakenError("gateway", gateway.name)

    return one(command, parse)


def listing() -> Call[list[Gateway]]:
    """Every gateway of this server, oldest first."""
    return one(
        load("list_gateways").command(keys.GATEWAYS), lambda reply: [of_row(row) for row in rows(reply)]
    )


def revoke(name_or_id: str) -> Call[Gateway | None]:
    """Withdraw the access tokens of a gateway and ring the bell, so that its tunnels close.

    Its webhooks stay as they are, and its name stays taken.

    Returns:
        The revoked gateway, None when there is none of that name or id.
    """
    return one(load("revoke_gateway").command(keys.GATEWAYS, name_or_id), _first)


def renew(
    name_or_id: str, token_hash: str, expires_at: int | None = None, old_until: int | None = None
) -> Call[Gateway | None]:
    """Give a gateway a new access token; the old one ends, and so do its tunnels.

    Args:
        name_or_id: of the gateway.
        token_hash: of the new token.
        expires_at: when the new token ends, Unix ms; None: never.
        old_until: when the old one ends, if it does not end before, Unix ms; None: now.

    Returns:
        The gateway, None when there is none of that name or id.
    """
    return one(
        load("renew_gateway").command(
            keys.GATEWAYS, name_or_id, token_hash, expires_at or "", old_until or ""
        ),
        _first,
    )


def set_operator(name_or_id: str, *, is_operator: bool) -> Call[Gateway | None]:
    """Let the owner of a gateway see and stop what all share, or not; None: there is no such gateway."""
    return one(load("set_operator").command(keys.GATEWAYS, name_or_id, int(is_operator)), _first)


def by_token(token_hash: str) -> Call[Gateway | None]:
    """The gateway that an access token opens, None when it is unknown, revoked or expired."""
    return access(token_hash).then(lambda found: found.gateway if found else None)


def access(token_hash: str) -> Call[Access | None]:
    """What an access token opens, None when it is unknown, revoked or expired."""

    def parse(reply: Reply) -> Access | None:
        if reply is None:
            return None
        ends_in_ms = int(reply[2])
        return Access(
            of_row((text(reply[0]), pairs(reply[1]))), ends_in_ms / 1000 if ends_in_ms >= 0 else None
        )

    return one(load("gateway_by_token").command(token_hash), parse)


def _first(reply: Reply) -> Gateway | None:
    return next((of_row(row) for row in rows(reply)), None)


def of_row(row: Row) -> Gateway:
    """A gateway from its id and the fields of its hash."""
    gateway_id, fields = row
    return Gateway(
        gateway_id,
        text(fields["name"]),
        int(fields["created_at"]),
        revoked=fields["revoked"] == b"1",
        expires_at=_moment(fields.get("expires_at")),
        old_until=_moment(fields.get("old_until")),
        is_operator=fields.get("operator") == b"1",
    )


def _moment(value: bytes | None) -> int | None:
    return int(value) if value else None
