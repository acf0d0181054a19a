"""Events of a Git receiver: judged before they were accepted, so there is nothing left to verify.

Only two write there: the receiver itself, which accepts a push that a repo believes, by its Secret or because
its owner allows that without one (`ingress.git`), and a poll that found a new commit (`workers.git`).
"""

from dataclasses import dataclass
from typing import Final

import structlog

from domain.envelope import unpack
from domain.errors import KeyNotInRingError, SealBrokenError
from domain.event import Rejection
from domain.expression.facts import Facts
from domain.passed_over import Because
from domain.subscription import Subscription
from domain.webhook import GIT
from store.decisions import Decision, Waiting
from store.sealing import Sealer, event_place
from workers.filtering import Filters

COMMIT: Final = "git.commit"
"""A new commit of a repo, which we say ourselves."""

PUSH: Final = "git.push"
"""What the repo's host has sent, as it came."""

_log = structlog.get_logger()

SCHEME: Final = "git"
"""What verifies a commit: its server's own word. A push bears none: a repo may believe one without proof."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A Git receiver.

    Attributes:
        subscriptions: those that listen to it.
        name: its name.
    """

    subscriptions: tuple[Subscription, ...]
    name: str

    @property
    def asks_contents(self) -> bool:
        """Whether a subscription looks into events by an expression, which takes its time."""
        return any(each.expression for each in self.subscriptions)

    def decide(self, event: Waiting, sealer: Sealer, filters: Filters) -> Decision:
        """Who gets an event. A raw push is for those who ask for it; all others are told of the commit.

        Args:
            event: the event with its sealed request.
            sealer: opens the request, when an expression asks for it.
            filters: find the subscriptions.

        Raises:
            KeyNotInRingError: this worker lacks the key.
            NotStartedError: an expression cannot be evaluated here.
            RestingError: the gateway has no time left for expressions, and the event is verified.
        """
        kind = event.born_as or PUSH
        unreadable = Decision(event.event, kind, "", Rejection.UNREADABLE, "", ())
        if event.sealed is None:
            return unreadable
        try:
            sifted = filters.sift(
                self.subscriptions, lambda each: _misses(each, kind), lambda: self._facts(event, kind, sealer)
            )
        except KeyNotInRingError:
            raise
        except (SealBrokenError, ValueError) as error:
            _log.error("event_unreadable", event_id=event.event, error=str(error))
            return unreadable
        scheme = SCHEME if kind == COMMIT else ""
        return Decision(event.event, kind, scheme, "", "", sifted.wanted, passed_over=sifted.passed_over)

    def _facts(self, event: Waiting, kind: str, sealer: Sealer) -> Facts:
        place = event_place(event.gateway, event.webhook, event.event)
        return Facts(
            request=unpack(sealer.open(event.sealed or b"", place)),
            event=event.event,
            event_type=kind,
            event_types=(kind,),
            webhook=self.name,
            sender=GIT,
            is_verified=kind == COMMIT,
            received_at=event.received_at,
        )


def _misses(subscription: Subscription, kind: str) -> Because | None:
    if kind == PUSH and not subscription.event_types:
        return Because.EVENT_TYPE
    return subscription.misses([kind], GIT)
