"""The log of a Git receiver: all that its answers do not say, and bounded however many strangers call."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

import structlog

from domain.git.push import Push
from domain.seldom import Seldom
from domain.webhook import Webhook
from ingress.git.triggering import Effect
from ingress.git.vouching import Vouched

_SHOWN_CHARS: Final = 200
_SHOWN: Final = 20

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Caller(NamedTuple):
    """Who called, and where.

    Attributes:
        webhook: the receiver.
        provider: which Git host it is; "" when we know of none like it.
        address: of the sender.
    """

    webhook: Webhook
    provider: str
    address: str


class PushLog:
    """Tells of each push that is believed; of all else once a minute for each kind, with how often it was.

    What happened to several repos at once is of the kind of the first of them: whoever calls chooses which
    repos he names, and there are more sets of them than a log has room for.
    Names stand in values, never in keys: what is called `secret` there would not be logged.
    """

    def __init__(self, clock_ms: Callable[[], int]) -> None:
        self._clock_ms = clock_ms
        self._seldom = Seldom()

    def unknown_provider(self, caller: Caller) -> None:
        """It is no Git host that we know."""
        self._warn_seldom("git_provider_unknown", caller)

    def unreadable(self, caller: Caller, field: str, why: str) -> None:
        """The payload cannot be read: what is wrong with which field."""
        self._warn_seldom("git_payload_unreadable", caller, field=_shown(field), why=why)

    def unmatched(self, caller: Caller, push: Push, forms: Sequence[str]) -> None:
        """No repo of the gateway stands at the addresses in the payload; these are their normal forms."""
        looked_for = [_shown(form) for form in forms[:_SHOWN]]
        self._warn_seldom("git_unmatched", caller, kind=_shown(push.event), looked_for=looked_for)

    def doubted(self, caller: Caller, push: Push, vouched: Vouched) -> None:
        """What is wrong with the credential of a request, or with the Secrets that should vouch for it."""
        kind = _shown(push.event)
        if why := vouched.broken:
            self._warn_seldom("git_secret_broken", caller, next(iter(why)), kind=kind, why=_told(why))
        if why := vouched.misconfigured:
            self._warn_seldom("git_misconfigured", caller, next(iter(why)), kind=kind, why=_told(why))
        if why := vouched.refused:
            self._warn_seldom("git_refused", caller, next(iter(why)), kind=kind, why=_told(why))
        if repos := vouched.unproven:
            self._warn_seldom("git_unauthenticated", caller, repos[0], kind=kind, repos=repos[:_SHOWN])

    def ignored(self, caller: Caller, push: Push, repos: Sequence[str]) -> None:
        """An event that is believed and is no push."""
        self._log_seldom(_log.info, "git_no_push", caller, kind=_shown(push.event), repos=repos[:_SHOWN])

    def pushed(self, caller: Caller, push: Push, event: str, effects: Mapping[str, Effect]) -> None:
        """What a push that is believed did to each repo; `event` is the id under which it was kept."""
        webhook, shown = caller.webhook, sorted(effects.items())[:_SHOWN]
        is_broken = not {Effect.FAILED, Effect.UNREADABLE}.isdisjoint(effects.values())
        (_log.error if is_broken else _log.info)(
            "git_pushed",
            gateway=webhook.gateway,
            webhook=webhook.id,
            provider=caller.provider,
            kind=_shown(push.event),
            event_id=event,
            repos=[f"{name}: {effect}" for name, effect in shown],
            of=len(effects),
        )

    def _warn_seldom(self, event: str, caller: Caller, *about: str, **facts: object) -> None:
        self._log_seldom(_log.warning, event, caller, *about, **facts)

    def _log_seldom(
        self, tell: Callable[..., object], event: str, caller: Caller, *about: str, **facts: object
    ) -> None:
        webhook = caller.webhook
        if times := self._seldom.happened((event, webhook.id, caller.provider, *about), self._clock_ms()):
            places = {"gateway": webhook.gateway, "webhook": webhook.id, "provider": caller.provider}
            tell(event, **places, address=caller.address, times=times, **facts)


def _told(why: Mapping[str, str]) -> list[str]:
    return [f"{name}: {reason}" for name, reason in islice(why.items(), _SHOWN)]


def _shown(text: str) -> str:
    """What a stranger wrote, as far as a line of a log has room for it."""
    return text[:_SHOWN_CHARS].encode("ascii", "backslashreplace").decode()
