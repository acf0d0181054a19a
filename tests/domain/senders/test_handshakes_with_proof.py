"""Questions that their senders sign: answered when they are signed rightly, refused otherwise."""

import json
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.event import Headers, Rejection, Request
from domain.senders import HandshakeAnswer
from tests.questions import NOW, NOW_S, answered, mac, post

SECRET = b"s3cRe7-s3cRe7-s3cRe7"
DISCORD_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
DISCORD_PUBLIC = DISCORD_KEY.public_key().public_bytes_raw().hex().encode()
CHALLENGE = "olYc8-klwIH9BthhWWhTU-AhJQ0eatixVF2y6x3G5kk"
PLAIN_TOKEN = "qgg8vlvZRS6UYooatFL8Aw"
TWITCH_TIME = b"2027-01-15T08:00:00.123456789Z"
"""2027-01-15T08:00:00Z is NOW."""


def github(request: Request, secret: bytes) -> Headers:
    return ((b"x-hub-signature-256", b"sha256=" + mac(secret, request.body).hex().encode()),)


def intercom(request: Request, secret: bytes) -> Headers:
    sha1 = mac(secret, request.body, hashes.SHA1())  # noqa: S303 - Intercom's choice
    return ((b"x-hub-signature", b"sha1=" + sha1.hex().encode()),)


def line(request: Request, secret: bytes) -> Headers:
    return ((b"x-line-signature", b64encode(mac(secret, request.body))),)


def slack(request: Request, secret: bytes) -> Headers:
    signature = mac(secret, b"v0:" + NOW_S + b":" + request.body).hex().encode()
    return ((b"x-slack-request-timestamp", NOW_S), (b"x-slack-signature", b"v0=" + signature))


def zoom(request: Request, secret: bytes) -> Headers:
    signature = mac(secret, b"v0:" + NOW_S + b":" + request.body).hex().encode()
    return ((b"x-zm-request-timestamp", NOW_S), (b"x-zm-signature", b"v0=" + signature))


def twitch(request: Request, secret: bytes) -> Headers:
    signature = mac(secret, b"id-1" + TWITCH_TIME + request.body).hex().encode()
    return (
        (b"twitch-eventsub-message-id", b"id-1"),
        (b"twitch-eventsub-message-timestamp", TWITCH_TIME),
        (b"twitch-eventsub-message-signature", b"sha256=" + signature),
    )


def discord(request: Request, secret: bytes) -> Headers:
    text = NOW_S + request.body + (b"" if secret == DISCORD_PUBLIC else b"forged")
    signature = DISCORD_KEY.sign(text).hex().encode()
    return ((b"x-signature-timestamp", NOW_S), (b"x-signature-ed25519", signature))


def notion(request: Request, secret: bytes) -> Headers:
    return ((b"x-notion-signature", b"sha256=" + mac(secret, request.body).hex().encode()),)


SIGNING = {
    "github": github,
    "intercom": intercom,
    "line": line,
    "slack": slack,
    "zoom": zoom,
    "twitch": twitch,
    "discord": discord,
    "notion": notion,
}

QUESTIONS = {
    "github": post({"zen": "Design for failure.", "hook_id": 1}, x_github_event="ping"),
    "slack": post({"token": "t", "challenge": CHALLENGE, "type": "url_verification"}),
    "intercom": post({"type": "notification_event", "topic": "ping"}),
    "line": post({"destination": "U1", "events": []}),
    "discord": post({"application_id": "1", "type": 1}),
    "zoom": post({"payload": {"plainToken": PLAIN_TOKEN}, "event": "endpoint.url_validation"}),
    "twitch": post({"challenge": CHALLENGE}, twitch_eventsub_message_type="webhook_callback_verification"),
}

BODIES = {
    "github": b"",
    "slack": CHALLENGE.encode(),
    "intercom": b"",
    "line": b"",
    "discord": b'{"type":1}',
    "zoom": json.dumps(
        {"plainToken": PLAIN_TOKEN, "encryptedToken": mac(SECRET, PLAIN_TOKEN.encode()).hex()},
        separators=(",", ":"),
    ).encode(),
    "twitch": CHALLENGE.encode(),
}

ASK_BEFORE_THE_SECRET_IS_SET = ("github", "slack", "intercom", "line")


def signed(key: str, request: Request, secret: bytes) -> Request:
    more = SIGNING[key](request, secret)
    return Request(request.method, request.path, request.query, request.headers + more, request.body)


def secret_of(key: str) -> bytes:
    return DISCORD_PUBLIC if key == "discord" else SECRET


@pytest.mark.parametrize("key", QUESTIONS)
def test_a_signed_question_is_answered(key: str) -> None:
    secret = secret_of(key)
    answer = answered(key, signed(key, QUESTIONS[key], secret), [b"older", secret])
    assert answer is not None
    assert (answer.status, answer.body, answer.rejection) == (200, BODIES[key], None)
    assert answer.content_type == (
        "application/json" if key in ("discord", "zoom") else "text/plain; charset=utf-8"
    )
    assert not answer.is_event


@pytest.mark.parametrize("key", QUESTIONS)
def test_a_question_with_a_wrong_signature_is_told_nothing(key: str) -> None:
    answer = answered(key, signed(key, QUESTIONS[key], b"wrong"), [secret_of(key)])
    assert answer is not None
    assert (answer.status, answer.body, answer.rejection) == (401, b"", Rejection.WRONG_SIGNATURE)


@pytest.mark.parametrize("key", QUESTIONS)
def test_a_question_without_a_signature_is_told_nothing(key: str) -> None:
    answer = answered(key, QUESTIONS[key], [secret_of(key)])
    assert answer is not None
    assert (answer.status, answer.body) == (401, b"")
    assert answer.rejection in (Rejection.MISSING_SIGNATURE, Rejection.MISSING_FIELD)


@pytest.mark.parametrize("key", QUESTIONS)
def test_before_the_secret_is_set_some_are_answered_all_the_same(key: str) -> None:
    for secrets in ([], [b""]):
        answer = answered(key, QUESTIONS[key], secrets)
        assert answer is not None
        if key in ASK_BEFORE_THE_SECRET_IS_SET:
            assert (answer.status, answer.body) == (200, BODIES[key])
        else:
            assert (answer.status, answer.rejection) == (401, Rejection.NO_SECRET)


@pytest.mark.parametrize("key", ["slack", "zoom", "twitch"])
def test_a_question_of_yesterday_is_told_nothing(key: str) -> None:
    answer = answered(key, signed(key, QUESTIONS[key], SECRET), [SECRET], now=NOW + 86_400_000)
    assert answer is not None
    assert (answer.status, answer.rejection) == (401, Rejection.TOO_OLD)


@pytest.mark.parametrize(
    ("key", "request_"),
    [
        ("github", post({}, x_github_event="push")),
        ("github", post({"action": "ping"})),
        ("slack", post({"type": "url_verification"})),
        ("intercom", post({"topic": "conversation.user.created"})),
        ("line", post({"events": [{"type": "message"}]})),
        ("line", post({"events": {}})),
        ("line", post({"events": None})),
        ("line", post({"message": {"events": []}})),
        ("line", post(b'[{"events": []}]')),
        ("discord", post({"type": 2})),
        ("discord", post({"type": "1"})),
        ("discord", post({"type": True})),
        ("discord", post(b'{"type": 1.0}')),
        ("discord", post(b'{"type": 10}')),
        ("discord", post({"data": {"type": 1}})),
        ("zoom", post({"event": "endpoint.url_validation", "payload": {"plainToken": 5}})),
        ("zoom", post({"event": "endpoint.url_validation"})),
        ("zoom", post({"event": "meeting.started", "payload": {"plainToken": "endpoint.url_validation"}})),
        ("twitch", post({"challenge": CHALLENGE}, twitch_eventsub_message_type="notification")),
        ("twitch", post({"challenge": CHALLENGE}, twitch_eventsub_message_type="revocation")),
        ("twitch", post({}, twitch_eventsub_message_type="webhook_callback_verification")),
        ("notion", post({"type": "page.created", "data": {"verification_token": "secret_a"}})),
    ],
)
def test_what_only_resembles_a_question_is_an_event(key: str, request_: Request) -> None:
    assert answered(key, request_) is None


def test_the_ping_of_discords_webhook_events_is_answered_with_nothing_but_a_type() -> None:
    request = signed("discord", post({"version": 1, "application_id": "1", "type": 0}), DISCORD_PUBLIC)
    answer = answered("discord", request, [DISCORD_PUBLIC])
    assert answer == HandshakeAnswer(204, "application/json")


NOTION_TOKEN = "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"
NOTION_QUESTION = post({"verification_token": NOTION_TOKEN})


def test_notion_brings_the_secret_signed_with_itself_or_not_at_all() -> None:
    for request in (NOTION_QUESTION, signed("notion", NOTION_QUESTION, NOTION_TOKEN.encode())):
        answer = answered("notion", request)
        assert answer is not None
        assert (answer.status, answer.body, answer.captured) == (200, b"", NOTION_TOKEN.encode())


def test_a_token_that_is_signed_with_another_is_not_captured() -> None:
    answer = answered("notion", signed("notion", NOTION_QUESTION, b"another"))
    assert answer is not None
    assert (answer.status, answer.captured, answer.rejection) == (401, None, Rejection.WRONG_SIGNATURE)


def test_a_token_replaces_no_secret() -> None:
    for request in (NOTION_QUESTION, signed("notion", NOTION_QUESTION, SECRET)):
        assert answered("notion", request, [SECRET]) is None
    for broken in ("", "s" * 1001, "se\ncret", "sécret", 7, None, ["secret"]):
        assert answered("notion", post({"verification_token": broken})) is None
