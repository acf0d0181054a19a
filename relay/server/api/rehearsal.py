"""Rehearsals: what would become of a resource, without anything becoming of it."""

from typing import Final

from domain.errors import InvalidInputError, UnknownThingError
from relay.server.api.resource import Visit
from store import limits, repo_secrets
from store.owned import LimitReachedError

_MOST_BEFORE: Final = 1_000_000


def is_rehearsal(visit: Visit) -> bool:
    """Whether the owner only wants to know what would be: `dry_run=true`.

    Raises:
        InvalidInputError: it is neither true nor false. Nothing may be changed by a slip.
    """
    said = visit.request.query_params.get("dry_run", "false")
    if said not in {"true", "false"}:
        raise InvalidInputError("dry_run", "'dry_run' is true or false.")
    return said == "true"


async def check_room_for_repo(visit: Visit) -> None:
    """Refuse a new repo for which there would be no room.

    Raises:
        LimitReachedError: the gateway would have as many as it may have.
        InvalidInputError: `after` is no number.
    """
    account = await visit.context.store.run(limits.read(visit.gateway.id))
    if account is None:
        raise UnknownThingError("gateway", visit.gateway.id)
    most = account.limits(visit.context.limits).repos
    if account.use.repos + _made_before(visit) >= most:
        raise LimitReachedError("repo", most)


async def check_room_for_secret(visit: Visit) -> None:
    """The same for a Secret.

    Raises:
        TooManyRepoSecretsError: the gateway would have as many as it may have.
        InvalidInputError: `after` is no number.
    """
    there = await visit.context.store.run(repo_secrets.count(visit.gateway.id))
    if there + _made_before(visit) >= repo_secrets.MOST_SECRETS:
        raise repo_secrets.TooManyRepoSecretsError


def _made_before(visit: Visit) -> int:
    """How many others of its kind would have been made before it, which who rehearses several tells."""
    said = visit.request.query_params.get("after", "0")
    before = int(said) if said.isascii() and said.isdigit() and len(said) <= len(str(_MOST_BEFORE)) else -1
    if not 0 <= before <= _MOST_BEFORE:
        raise InvalidInputError("after", f"'after' is a whole number from 0 to {_MOST_BEFORE}.")
    return before
