"""Triggering: the repos that a push concerns are polled at once. Only a poll finds out what is new there."""

import asyncio
from enum import StrEnum
from typing import Final

import structlog
from redis.exceptions import RedisError

from domain.errors import SealBrokenError
from domain.git.concern import concerns
from domain.git.push import Change, Push
from domain.ids import ENTROPY_BYTES, new_id
from ingress.context import IngressContext
from ingress.git.vouching import Vouched
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

    async def trigger(self, vouched: Vouched, push: Push) -> dict[str, Effect]:
        """What a push does to each repo that believes it, by its name. When one fails, the others go on.

        Args:
            vouched: which repos believe it, and which of these without proof.
            push: what their host says.
        """
        effects: dict[str, Effect] = {}
        matches, unproven = vouched.right, frozenset(vouched.unproven)
        for first in range(0, len(matches), _AT_ONCE):
            part = matches[first : first + _AT_ONCE]
            calls = (self._do(each, push, is_proven=each.name not in unproven) for each in part)
            done = await asyncio.gather(*calls)
            effects |= {match.name: effect for match, effect in zip(part, done, strict=True)}
        return effects

    async def _do(self, match: Match, push: Push, *, is_proven: bool) -> Effect:
        try:
            [repo] = await self._context.store.run(repos.read([match.id]))
            if repo is None:
                return Effect.GONE
            change = concerns(repos.open_spec(self._context.sealer, repo), push, repo.status.branch)
            if change is None:
                return Effect.NOT_CONCERNED
            return await self._note(repo, change, is_proven=is_proven)
        except RedisError:
            return Effect.FAILED
        except SealBrokenError as error:
            _log.error("repo_unreadable", repo_id=match.id, error=str(error))
            return Effect.UNREADABLE

    async def _note(self, repo: StoredRepo, change: Change, *, is_proven: bool) -> Effect:
        now, context = self._context.clock_ms(), self._context
        job = new_id("job", now, context.entropy(ENTROPY_BYTES))
        said = (change.commit, change.before)
        call = polls.note_push(repo.gateway, repo.id, *said, job, now, is_proven=is_proven)
        return Effect(await context.store.run(call))
