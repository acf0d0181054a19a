"""Triggering: the repos that a push concerns are polled at once. Only a poll finds out what is new there."""

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import structlog
from redis.exceptions import RedisError

from domain.errors import SealBrokenError
from domain.git.concern import concerns
from domain.git.push import Change, Push
from domain.ids import ENTROPY_BYTES, new_id
from ingress.context import IngressContext
from store import polls, repos
from store.repos import Match, StoredRepo

_AT_ONCE: Final = 16
"""Repos that are read and triggered side by side, each over a connection to Redis; others need some, too."""

_log = structlog.get_logger(__name__)


class Effect(StrEnum):
    """What a push does to a repo that it names. The words are for the log; the answer says less."""

    TRIGGERED = "triggered"
    """It is polled at once."""

    NOT_CONCERNED = "not_concerned"
    """Another branch, tag or folder changed, or something was deleted."""

    KNOWN = "known"
    """Its subscribers know of this commit already."""

    GONE = "gone"
    """It was deleted this very moment."""

    FAILED = "failed"
    """Redis could not do it."""

    UNREADABLE = "unreadable"
    """What its owner wrote cannot be opened."""


class Triggering:
    """Lets repos be polled."""

    def __init__(self, context: IngressContext) -> None:
        self._context = context

    async def trigger(self, matches: Sequence[Match], push: Push) -> dict[str, Effect]:
        """What a push does to each of these repos, by their names. When one fails, the others go on.

        Args:
            matches: the repos for which the push is believed.
            push: what their host says.
        """
        effects: dict[str, Effect] = {}
        for first in range(0, len(matches), _AT_ONCE):
            part = matches[first : first + _AT_ONCE]
            done = await asyncio.gather(*(self._do(each, push) for each in part))
            effects |= {match.name: effect for match, effect in zip(part, done, strict=True)}
        return effects

    async def _do(self, match: Match, push: Push) -> Effect:
        try:
            [repo] = await self._context.store.run(repos.read([match.id]))
            if repo is None:
                return Effect.GONE
            change = concerns(repos.open_spec(self._context.sealer, repo), push, repo.status.branch)
            return Effect.NOT_CONCERNED if change is None else await self._note(repo, change)
        except RedisError:
            return Effect.FAILED
        except SealBrokenError as error:
            _log.error("repo_unreadable", repo=match.id, error=str(error))
            return Effect.UNREADABLE

    async def _note(self, repo: StoredRepo, change: Change) -> Effect:
        now, context = self._context.clock_ms(), self._context
        job = new_id("job", now, context.entropy(ENTROPY_BYTES))
        call = polls.note_push(repo.gateway, repo.id, change.commit, change.before, job, now)
        return Effect(await context.store.run(call))
