"""Triggering: the repos that a push concerns are polled at once. Only a poll finds out what is new there."""

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from redis.exceptions import RedisError

from domain.git.concern import concerns
from domain.git.push import Change, Push
from domain.ids import ENTROPY_BYTES, new_id
from ingress.context import IngressContext
from ingress.git.vouching import Meant
from store import polls
from store.repos import StoredRepo

_AT_ONCE: Final = 16
"""Repos that are triggered side by side, each over a connection to Redis; others need some, too."""


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


class Triggering:
    """Lets repos be polled."""

    def __init__(self, context: IngressContext) -> None:
        self._context = context

    async def trigger(self, meant: Sequence[Meant], push: Push) -> dict[str, Effect]:
        """What a push does to each of these repos, by their names. When one fails, the others go on.

        Args:
            meant: the repos for which the push is believed.
            push: what their host says.
        """
        found = [(each.repo, await self._found(each, push)) for each in meant]
        effects = {repo.name: Effect.NOT_CONCERNED for repo, change in found if change is None}
        due = [(repo, change) for repo, change in found if change is not None]
        for first in range(0, len(due), _AT_ONCE):
            part = due[first : first + _AT_ONCE]
            noted = await asyncio.gather(*(self._note(repo, change) for repo, change in part))
            effects |= {repo.name: effect for (repo, _), effect in zip(part, noted, strict=True)}
        return effects

    async def _found(self, meant: Meant, push: Push) -> Change | None:
        # Folders and files can be many: others have their turn between two repos.
        await asyncio.sleep(0)
        return concerns(meant.spec, push, meant.repo.status.branch)

    async def _note(self, repo: StoredRepo, change: Change) -> Effect:
        now, context = self._context.clock_ms(), self._context
        job = new_id("job", now, context.entropy(ENTROPY_BYTES))
        call = polls.note_push(repo.gateway, repo.id, change.commit, change.before, job, now)
        try:
            return Effect(await context.store.run(call))
        except RedisError:
            return Effect.FAILED
