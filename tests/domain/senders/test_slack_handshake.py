"""Slack asks an address to prove itself before it sends events there."""

import json
from dataclasses import replace

import pytest

from domain.event import Request
from domain.senders import SENDERS, sign
from tests.questions import answered

SLACK = SENDERS["slack"]
NOW = 1_800_000_000_000
SECRET = b"8f742231b10e8888abcd99yyyzzz85a5"
CHALLENGE = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"


def question(challenge: object = CHALLENGE, **more: str) -> Request:
    body = json.dumps({"token": "t", "challenge": challenge, "type": "url_verification", **more}).encode()
    return Request("POST", b"", b"", ((b"content-type", b"application/json"),), body)


def signed(request: Request, secret: bytes = SECRET, now: int = NOW) -> Request:
    return sign(SLACK, request, secret, now)


def test_without_a_secret_the_challenge_is_echoed() -> None:
    for secrets in ([], [b""]):
        answer = answered("slack", question(), secrets)
        assert answer is not None
        assert (answer.status, answer.body) == (200, CHALLENGE.encode())
        assert answer.content_type.startswith("text/plain")


def test_with_a_secret_a_signed_question_is_answered() -> None:
    answer = answered("slack", signed(question()), [b"older", SECRET])
    assert answer is not None
    assert (answer.status, answer.body) == (200, CHALLENGE.encode())


@pytest.mark.parametrize(
    "request_",
    [question(), signed(question(), b"wrong"), signed(question(), now=NOW - 301_000)],
    ids=["unsigned", "wrong secret", "too old"],
)
def test_with_a_secret_any_other_question_is_told_nothing(request_: Request) -> None:
    answer = answered("slack", request_, [SECRET])
    assert answer is not None
    assert (answer.status, answer.body) == (401, b"")


@pytest.mark.parametrize(
    "request_",
    [
        replace(question(), method="PUT"),
        replace(question(), body=b'{"type": "event_callback", "event": {"text": "url_verification"}}'),
        replace(question(), body=b'{"type": "message", "challenge": "url_verification"}'),
        replace(question(), body=b'{"type": "\\u0075rl_verification", "challenge": "c"}'),
        replace(question(), body=b'{"type": "url_verification"}'),
        replace(question(), body=b"url_verification"),
        replace(question(), body=b"[" * 10_000 + b"url_verification"),
        replace(question(), body=b'"url_verification" \xff'),
        replace(question(), body=b"type=url_verification&challenge=c"),
        question(challenge=""),
        question(challenge=7.5),
        question(challenge=None),
        question(challenge="<\n>"),
        question(challenge="c" * 1001),
        question(padding="x" * 16 * 1024),
    ],
)
def test_everything_else_is_an_event(request_: Request) -> None:
    assert answered("slack", request_, []) is None


def test_the_longest_challenge_is_echoed_whole() -> None:
    answer = answered("slack", question(challenge="c" * 1000), [])
    assert answer is not None
    assert answer.body == b"c" * 1000


@pytest.mark.parametrize("key", sorted(set(SENDERS) - {"slack"}))
def test_senders_without_a_handshake_ask_nothing(key: str) -> None:
    assert answered(key, question(), []) is None
