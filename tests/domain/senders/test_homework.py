"""Which senders the gateway can serve without their secret: by their handshakes, and nothing else."""

import pytest

from domain.event import Request
from domain.senders import SENDERS
from domain.senders.homework import is_secret_sent, obstacle
from tests.questions import answered, form, get, post

HINDERED = {"discord", "zoom", "twitch", "notion", "asana", "docker-hub", "paypal", "aws-sns"}

ASKED = {
    "github": post({"zen": "."}, x_github_event="ping"),
    "bitbucket-server": post({"test": True}, x_event_key="diagnostics:ping"),
    "slack": post({"type": "url_verification", "challenge": "abc"}),
    "meta": get({"hub.mode": "subscribe", "hub.challenge": "abc", "hub.verify_token": "own"}),
    "intercom": post({"topic": "ping"}),
    "dropbox": get({"challenge": "abc"}),
    "okta": get(x_okta_verification_challenge="abc"),
    "microsoft-graph": post(query=b"validationToken=abc"),
    "woocommerce": form(b"webhook_id=1"),
    "vercel": get(),
    "trello": get(method="HEAD"),
    "line": post({"events": []}),
}
"""How those ask that need no secret."""


def test_the_senders_that_cannot_be_left_to_the_private_side_are_these() -> None:
    assert {key for key, sender in SENDERS.items() if obstacle(sender)} == HINDERED


@pytest.mark.parametrize("key", sorted(HINDERED))
def test_an_obstacle_is_a_sentence_about_the_sender(key: str) -> None:
    sentence = obstacle(SENDERS[key])
    assert sentence.startswith(SENDERS[key].title)
    assert sentence.endswith(".")


def test_each_of_the_others_that_shakes_hands_is_among_the_questions() -> None:
    shaking = {key for key, sender in SENDERS.items() if sender.handshakes}
    assert ASKED.keys() == shaking - HINDERED


@pytest.mark.parametrize(("key", "request_"), ASKED.items())
def test_whoever_needs_no_secret_is_answered_without_one(key: str, request_: Request) -> None:
    told = answered(key, request_, (), {"verify_token": "own"})
    assert told is not None
    assert (told.status, told.rejection, told.captured) == (200, None, None)


def test_who_sends_the_secret_itself_is_known() -> None:
    sending = {key for key, sender in SENDERS.items() if is_secret_sent(sender)}
    assert sending == {"azure-devops", "telegram", "okta"}
