"""Laws of every hook: it never raises, and it never accepts what nobody signed."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.event import Request
from domain.senders import SENDERS, Site, verify
from domain.senders.hooks.graph import KEYS_URL
from tests.hooked_senders import (
    APP_ID,
    NOW,
    PAYPAL_URL,
    PAYPAL_WEBHOOK,
    SNS_URL,
    key_set,
    paypal_certificate,
    paypal_request,
    sns_certificate,
    sns_message,
)

HOOKED = tuple(key for key, sender in SENDERS.items() if any(scheme.hook for scheme in sender.schemes))
SITE = Site(
    "https://hooks.example.org/t/TOKEN",
    {"webhook_id": PAYPAL_WEBHOOK, "app_id": APP_ID},
    {PAYPAL_URL: paypal_certificate(), SNS_URL: sns_certificate(), KEYS_URL: key_set("key-1")},
)

names = st.sampled_from([*sns_message("SubscriptionConfirmation"), "Subject", "value", "validationTokens"])
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.sampled_from([SNS_URL, "2"])
)
documents = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=9)),
    max_leaves=15,
)
bodies = st.one_of(st.binary(max_size=100), documents.map(lambda found: json.dumps(found).encode()))
lines = st.tuples(
    st.sampled_from([*(name for name, _ in paypal_request().headers), b"authorization"]),
    st.one_of(st.binary(max_size=60), st.sampled_from([value for _, value in paypal_request().headers])),
)
requests = st.builds(
    lambda headers, body: Request("POST", b"/x", b"a=1", tuple(headers), body),
    st.lists(lines, max_size=7),
    bodies,
)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(HOOKED), requests, st.lists(st.binary(min_size=1, max_size=20), max_size=2))
def test_a_hook_answers_anything_and_accepts_nothing_unsigned(
    sender: str, request: Request, secrets: list[bytes]
) -> None:
    assert not verify(SENDERS[sender], request, secrets, NOW, SITE).ok


def test_these_are_the_senders_that_need_a_hook() -> None:
    assert set(HOOKED) == {"paypal", "aws-sns", "jira", "microsoft-graph"}


@pytest.mark.parametrize("sender", HOOKED)
@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000, b'{"Signature":"' + b"A" * 900_000 + b'"}']
)
def test_hostile_bodies_are_refused(sender: str, body: bytes) -> None:
    verdict = verify(SENDERS[sender], Request("POST", b"", b"", (), body), [b"secret"], NOW, SITE)
    assert verdict.rejection is not None
    assert verdict.wanted is None
