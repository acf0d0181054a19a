"""The Git receiver: a request of a Git host, authenticated, kept as an event, and made known to its repos."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from domain.client import Client
from domain.errors import InvalidInputError
from domain.event import Request
from domain.git.address import payload_key
from domain.git.provider import detect, is_ping
from domain.git.push import Push
from ingress import answers
from ingress.answers import Answer
from ingress.context import IngressContext
from ingress.directory import Entry
from ingress.git.push_log import Caller, PushLog
from ingress.git.reading import read
from ingress.git.triggering import Effect, Triggering
from ingress.git.vouching import Vouched, vouch
from ingress.keeping import Keeping, Kept
from store import repos

_FAILED_RETRY_S: Final = 5
_NOTHING: Final = answers.heard()


class Arrived(NamedTuple):
    """A request, and where it came from.

    Attributes:
        request: what came.
        at: Unix time of receipt in milliseconds.
        client: who sends it.
    """

    request: Request
    at: int
    client: Client


class Receiver:
    """Answers Git hosts. What is refused, or means no repo, is not kept and spends nothing."""

    def __init__(self, context: IngressContext, keeping: Keeping) -> None:
        self._context = context
        self._keeping = keeping
        self._triggering = Triggering(context)
        self._log = PushLog(context.clock_ms)

    def at_once(self, entry: Entry, head: Request, client: Client) -> Answer | None:
        """The answer to a request whose body does not matter, None when it does.

        Args:
            entry: the receiver.
            head: the request without its body.
            client: who sends it.
        """
        if is_ping(head):
            return _NOTHING
        if detect(head) is None:
            self._log.unknown_provider(_caller(entry, "", client))
            return _NOTHING
        return None

    async def answer(self, entry: Entry, arrived: Arrived) -> Answer | None:
        """The answer to a request; None when the webhook has changed since it was read.

        Raises:
            ValueError: the request's head cannot be kept.
            OverloadedError: too many requests wait for Redis.
            redis.exceptions.RedisError: Redis is away or full.
        """
        request = arrived.request
        provider = detect(request)
        if provider is None:
            return _NOTHING
        caller = _caller(entry, provider, arrived.client)
        try:
            push = read(provider, request)
        except InvalidInputError as error:
            self._log.unreadable(caller, error.field, str(error))
            return answers.unreadable(str(error))
        forms = sorted({form for url in push.urls if (form := payload_key(url))})
        gateway = entry.webhook.gateway
        matches = await self._context.store.run(repos.matching(gateway, forms)) if forms else None
        if matches is None or not matches.repos:
            self._log.unmatched(caller, push, forms)
            return _NOTHING
        vouched = await vouch(self._context.sealer, gateway, provider, request, matches)
        self._log.doubted(caller, push, vouched)
        if not vouched.right:
            return answers.UNPREPARED if vouched.is_our_fault else answers.UNVOUCHED
        if push.is_push:
            return await self._take(caller, entry, arrived, push, vouched)
        names = sorted(each.name for each in vouched.right)
        self._log.ignored(caller, push, names)
        return answers.heard(ignored=names)

    async def _take(
        self, caller: Caller, entry: Entry, arrived: Arrived, push: Push, vouched: Vouched
    ) -> Answer | None:
        """Keep a push as an event, then let the repos be polled that it concerns."""
        kept = await self._keeping.keep(entry, arrived.request, arrived.at)
        if not isinstance(kept, Kept):
            return kept
        effects = await self._triggering.trigger(vouched, push)
        self._log.pushed(caller, push, kept.event, effects)
        if Effect.FAILED in effects.values():
            # Sent again it is another event, and repos that were triggered are not harmed by that.
            return answers.unavailable(_FAILED_RETRY_S, "push_failed")
        if set(effects.values()) == {Effect.UNREADABLE}:
            return answers.UNPREPARED
        updated = _with(effects, Effect.TRIGGERED)
        ignored = _with(effects, Effect.NOT_CONCERNED, Effect.KNOWN)
        return answers.heard(updated, ignored, [answers.rate(kept.remaining, kept.reset_ms)])


def _with(effects: Mapping[str, Effect], *wanted: Effect) -> list[str]:
    return sorted(name for name, effect in effects.items() if effect in wanted)


def _caller(entry: Entry, provider: str, client: Client) -> Caller:
    return Caller(entry.webhook, provider, "unknown" if client.address is None else str(client.address))
