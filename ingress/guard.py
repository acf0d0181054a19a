"""A guard: what a webhook demands of those who send to it, before anything of theirs is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from starlette.types import Scope

from domain.allowed import allowed_networks
from domain.client import Client, client_of
from domain.networks import Address, Networks
from domain.webhook import Webhook
from store import passes
from store.sealing import Sealer

_FORWARDED_FOR: Final = b"x-forwarded-for"
_FORWARDED_PROTO: Final = b"x-forwarded-proto"
_METHOD: Final = "POST"


class Objection(StrEnum):
    """Why a client may not send."""

    PLAIN_HTTP = "plain_http"
    NOT_ALLOWED = "not_allowed"


class ForbiddenError(Exception):
    """A client may not send."""

    def __init__(self, objection: Objection) -> None:
        super().__init__(objection)
        self.objection = objection


@dataclass(frozen=True, slots=True)
class Guard:
    """What one webhook demands.

    Attributes:
        https_only: whether plain http is refused.
        allowed: where senders are; None: anywhere.
    """

    https_only: bool
    allowed: tuple[Networks, ...] | None

    def objection(self, client: Client) -> Objection | None:
        """Why this client may not send, None when it may."""
        if self.https_only and not client.is_secure:
            return Objection.PLAIN_HTTP
        if self.allowed is not None and not self._is_allowed(client.address):
            return Objection.NOT_ALLOWED
        return None

    def _is_allowed(self, address: Address | None) -> bool:
        return address is not None and any(address in networks for networks in self.allowed or ())


def guard_of(webhook: Webhook, lists: Mapping[str, Networks]) -> Guard | None:
    """The guard of a webhook, None when it demands nothing.

    Args:
        webhook: whose rules are meant.
        lists: the networks of the lists that it names.
    """
    if not webhook.https_only and not webhook.allow_ips:
        return None
    allowed = allowed_networks(webhook.allow_ips, lists) if webhook.allow_ips else None
    return Guard(webhook.https_only, allowed)


def client_in(scope: Scope, trusted: Networks) -> Client:
    """The client of a request, as far as the trusted proxies vouch for it."""
    peer: tuple[str, int] | None = scope["client"]
    headers: Sequence[tuple[bytes, bytes]] = scope["headers"]
    return client_of(
        None if peer is None else peer[0],
        is_secure=scope["scheme"] == "https",
        forwarded_for=[value for name, value in headers if name == _FORWARDED_FOR],
        forwarded_proto=[value for name, value in headers if name == _FORWARDED_PROTO],
        trusted=trusted,
    )


def has_pass(sealer: Sealer, webhook: str, scope: Scope, at_ms: int, content: bytes | None = None) -> bool:
    """Whether a client that may not send is our own relay, with a test of the webhook's owner.

    Args:
        sealer: has the keys of passes.
        webhook: id of the webhook.
        scope: the request.
        at_ms: when it came, Unix ms.
        content: its body; None: not read yet.
    """
    given = [value for name, value in scope["headers"] if name == passes.HEADER]
    if len(given) != 1 or scope["method"] != _METHOD:
        return False
    return passes.is_good(sealer, given[0], webhook, at_ms, content)
