"""Events of a Git receiver: who gets the raw push, and who the commit."""

import os
from contextlib import closing
from dataclasses import replace

import pytest

from domain.envelope import pack
from domain.event import Rejection, Request
from domain.passed_over import Because
from domain.subscription import Subscription
from store.decisions import Waiting
from store.sealing import Sealer, event_place
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


def test_a_commit_is_judged_by_expressions_too() -> None:
    body = b'{"repo": "infra/app", "branch": "main"}'
    sealed = SEALER.seal(
        pack(Request("POST", b"", b"", (), body)), event_place("gw_1", "whk_git", "evt_1"), 1
    )
    asks = 'event.type == "git.commit" && event.sender == "git" && event.webhook == "git" && event.verified'
    receiver = Receiver(
        (
            replace(subscription("main"), expression=f'body.branch == "main" && {asks}'),
            replace(subscription("next"), expression='body.branch == "next"'),
            replace(subscription("other"), senders=("github",)),
            replace(subscription("git"), senders=("git",)),
        ),
        "git",
    )
    with closing(Filters(lambda: 0)) as filters:
        decision = receiver.decide(waiting(COMMIT, sealed), SEALER, filters)
        assert decision.subscriptions == ("main", "git")
        assert [each.because for each in decision.passed_over] == [Because.EXPRESSION, Because.SENDER]
        broken = receiver.decide(waiting(COMMIT, b"altered" * 10), SEALER, filters)
        assert broken.reason == Rejection.UNREADABLE
