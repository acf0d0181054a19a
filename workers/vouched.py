"""Events of a Git receiver: judged before they were accepted, so there is nothing left to verify.

Only two write there: the receiver itself, which accepts a push that a repo believes, by its Secret or because
its owner allows that without one (`ingress.git`), and a poll that found a new commit (`workers.git`).
"""

from dataclasses import dataclass
from typing import Final

from domain.event import Rejection
from domain.passed_over import Because, PassedOver
from domain.subscription import Subscription
from store.decisions import Decision, Waiting

COMMIT: Final = "git.commit"
"""A new commit of a repo, which we say ourselves."""

PUSH: Final = "git.push"
"""What the repo's host has sent, as it came."""

SCHEME: Final = "git"
"""What verifies a commit: its server's own word. A push bears none: a repo may believe one without proof."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A Git receiver.

    Attributes:
        subscriptions: those that listen to it.
    """

    subscriptions: tuple[Subscription, ...]

    def decide(self, event: Waiting) -> Decision:
        """Who gets an event. A raw push is for those who ask for it; all others are told of the commit."""
        kind = event.born_as or PUSH
        if event.sealed is None:
            return Decision(event.event, kind, "", Rejection.UNREADABLE, "", ())
        wanted = [each for each in self.subscriptions if _wants(each, kind)]
        over = tuple(
            PassedOver(each.id, Because.EVENT_TYPE, each.event_types)
            for each in self.subscriptions
            if each not in wanted
        )
        to = tuple(each.id for each in wanted)
        return Decision(event.event, kind, SCHEME if kind == COMMIT else "", "", "", to, passed_over=over)


def _wants(subscription: Subscription, kind: str) -> bool:
    return subscription.wants(kind) and (kind != PUSH or bool(subscription.event_types))
