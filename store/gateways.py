"""Gateways in Redis: the accounts, and the hashes of the tokens that open them."""

from domain.errors import NameTakenError
from domain.gateway import Gateway
from store import keys
from store.calls import Call, Reply, one, text
from store.owned import Row, rows
from store.scripts import load


def create(gateway: Gateway, token_hash: str) -> Call[None]:
    """Record a gateway and the hash of its access token.

    Raises:
        NameTakenError: another gateway has that name.
    """
    command = load("create_gateway").command(
        keys.GATEWAYS, gateway.id, gateway.name, gateway.created_at, token_hash
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
    """Withdraw the access token of a gateway and ring the bell, so that its tunnels close.

    Its webhooks stay as they are, and its name stays taken.

    Returns:
        The revoked gateway, None when there is none of that name or id.
    """
    return one(load("revoke_gateway").command(keys.GATEWAYS, name_or_id), _first)


def renew(name_or_id: str, token_hash: str) -> Call[Gateway | None]:
    """Give a gateway a new access token; the old one ends, and so do its tunnels.

    Returns:
        The gateway, None when there is none of that name or id.
    """
    return one(load("renew_gateway").command(keys.GATEWAYS, name_or_id, token_hash), _first)


def by_token(token_hash: str) -> Call[Gateway | None]:
    """The gateway that an access token opens, None when it is unknown or revoked."""
    return one(load("gateway_by_token").command(token_hash), _first)


def _first(reply: Reply) -> Gateway | None:
    return next((of_row(row) for row in rows(reply)), None)


def of_row(row: Row) -> Gateway:
    """A gateway from its id and the fields of its hash."""
    gateway_id, fields = row
    return Gateway(
        gateway_id, text(fields["name"]), int(fields["created_at"]), revoked=fields["revoked"] == b"1"
    )
