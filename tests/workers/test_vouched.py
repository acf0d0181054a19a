"""Events of a Git receiver: who gets the raw push, and who the commit."""

import os

import pytest

from domain.event import Rejection
from domain.subscription import Subscription
from store.decisions import Waiting
from store.sealing import Sealer
from tests.public_door import RING
from workers.filtering import Filters
from workers.vouched import COMMIT, PUSH, Receiver


def subscription(name: str, *globs: str) -> Subscription:
    return Subscription(name, "gw_1", name, ("whk_git",), globs, 30, 1)


def waiting(born_as: str, sealed: bytes | None = b"sealed") -> Waiting:
    return Waiting("evt_1", "gw_1", "whk_git", 1, born_as, sealed)


SEALER = Sealer(RING, os.urandom)
PLAIN = Filters(lambda: 0)
ALL = Receiver(
    (
        subscription("anything"),
        subscription("commits", "git.commit"),
        subscription("pushes", "git.push"),
        subscription("both", "git.*"),
        subscription("others", "push"),
    ),
    "git",
)


@pytest.mark.parametrize(
    ("born_as", "kind", "scheme", "to"),
    [
        (COMMIT, "git.commit", "git", ("anything", "commits", "both")),
        # A repo may believe without proof, so no push is said to be verified.
        ("", PUSH, "", ("pushes", "both")),
    ],
)
def test_a_push_is_for_those_who_ask_for_it(
    born_as: str, kind: str, scheme: str, to: tuple[str, ...]
) -> None:
    decision = ALL.decide(waiting(born_as), SEALER, PLAIN)
    assert (decision.event_type, decision.subscriptions, decision.reason) == (kind, to, "")
    assert decision.scheme == scheme


def test_what_has_no_body_any_more_is_rejected() -> None:
    decision = ALL.decide(waiting(COMMIT, None), SEALER, PLAIN)
    assert (decision.reason, decision.subscriptions) == (Rejection.UNREADABLE, ())
