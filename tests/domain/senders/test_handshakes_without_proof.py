"""Questions that nobody signs: what each sender asks, and the answer that its documentation demands."""

import json

import pytest

from domain.event import Rejection, Request
from domain.senders import HandshakeAnswer
from tests.questions import answered, form, get, post

TOKEN = "aGMfEUB5SlPbLiNOC1-aYFSAAlxdZ-x8GZbsbi1f"
HOOK_SECRET = "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81"
SUBSCRIBE = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "meatyhamhock"}
VERIFY = {"verify_token": "meatyhamhock"}


def text(body: str) -> HandshakeAnswer:
    return HandshakeAnswer(200, "text/plain; charset=utf-8", (), body.encode())


@pytest.mark.parametrize(
    ("key", "request_", "expected"),
    [
        ("bitbucket-server", post({"test": True}, x_event_key="diagnostics:ping"), text("")),
        ("slack", form(b"ssl_check=1&token=t"), text("")),
        ("slack", get({"ssl_check": "1"}), text("")),
        ("intercom", get(method="HEAD"), text("")),
        ("trello", get(method="HEAD"), text("")),
        ("dropbox", get({"challenge": "abc123"}), text("abc123")),
        ("woocommerce", form(b"webhook_id=7"), text("")),
        (
            "microsoft-graph",
            post(query=b"validationToken=Validation%3a+Testing+client%20app+Request-Id%3a+42%2b1"),
            text("Validation: Testing client app Request-Id: 42+1"),
        ),
        (
            "okta",
            get(x_okta_verification_challenge=TOKEN),
            HandshakeAnswer(
                200,
                "application/json",
                (),
                json.dumps({"verification": TOKEN}, separators=(",", ":")).encode(),
            ),
        ),
    ],
)
def test_the_answer_is_the_documented_one(key: str, request_: Request, expected: HandshakeAnswer) -> None:
    for secrets in ([], [b"secret"]):
        assert answered(key, request_, secrets) == expected


@pytest.mark.parametrize(
    ("key", "request_"),
    [
        ("bitbucket-server", post({"test": True}, x_event_key="repo:refs_changed")),
        ("bitbucket-cloud", post({"test": True}, x_event_key="diagnostics:ping")),
        ("slack", form(b"ssl_check=0")),
        ("slack", form(b"command=/deploy&ssl_check=1")),
        ("slack", form(b"text=ssl_check%3D1")),
        ("slack", form(b"ssl_check=1&ssl_check=1")),
        ("slack", post(b"ssl_check=1")),
        ("intercom", get()),
        ("trello", get()),
        ("dropbox", get()),
        ("dropbox", get({"challenge": "a" * 1001})),
        ("dropbox", get({"challenge": ""})),
        ("dropbox", get({"challenge": "<\x00>"})),
        ("dropbox", get({"challenge": "\r\nSet-Cookie: a=b"})),
        ("dropbox", get({"challenge": "ü"})),
        ("dropbox", Request("GET", b"", b"challenge=%ff", (), b"")),
        ("dropbox", Request("GET", b"", b"challenge=\xff", (), b"")),
        ("dropbox", Request("GET", b"", b"challenge=a&challenge=b", (), b"")),
        ("dropbox", Request("GET", b"", b"challenge=a" + b"&x=1" * 2000, (), b"")),
        ("dropbox", post(query=b"challenge=abc123")),
        ("woocommerce", form(b"webhook_id=7", x_wc_webhook_signature="AAAA")),
        ("woocommerce", post(b"webhook_id=7")),
        ("microsoft-graph", get({"validationToken": "t"})),
        ("microsoft-graph", post({"value": []})),
        ("okta", post({}, x_okta_verification_challenge=TOKEN)),
        ("okta", get()),
        ("aws-sns", post({}, x_amz_sns_message_type="SubscriptionConfirmation")),
        ("github", get({"challenge": "abc123"})),
        ("custom", get(method="HEAD")),
    ],
)
def test_what_only_resembles_a_question_is_an_event(key: str, request_: Request) -> None:
    assert answered(key, request_) is None


def test_meta_hears_its_challenge_if_it_knows_the_token_of_the_owner() -> None:
    assert answered("meta", get(SUBSCRIBE), parameters=VERIFY) == text("1158201444")


@pytest.mark.parametrize(
    ("query", "parameters", "rejection"),
    [
        (SUBSCRIBE, {}, Rejection.NO_VERIFY_TOKEN),
        (SUBSCRIBE, {"verify_token": ""}, Rejection.NO_VERIFY_TOKEN),
        ({**SUBSCRIBE, "hub.verify_token": ""}, {"verify_token": ""}, Rejection.NO_VERIFY_TOKEN),
        ({**SUBSCRIBE, "hub.verify_token": ""}, VERIFY, Rejection.WRONG_VERIFY_TOKEN),
        ({**SUBSCRIBE, "hub.verify_token": "Meatyhamhock"}, VERIFY, Rejection.WRONG_VERIFY_TOKEN),
        ({**SUBSCRIBE, "hub.verify_token": "meatyhamhocks"}, VERIFY, Rejection.WRONG_VERIFY_TOKEN),
        ({"hub.mode": "subscribe", "hub.challenge": "1"}, VERIFY, Rejection.WRONG_VERIFY_TOKEN),
    ],
)
def test_meta_is_forbidden_what_the_token_does_not_open(
    query: dict[str, str], parameters: dict[str, str], rejection: Rejection
) -> None:
    answer = answered("meta", get(query), [b"secret"], parameters)
    assert answer is not None
    assert (answer.status, answer.body, answer.rejection) == (403, b"", rejection)


def test_a_token_that_comes_twice_opens_nothing() -> None:
    twice = Request(
        "GET",
        b"",
        b"hub.mode=subscribe&hub.challenge=1&hub.verify_token=meatyhamhock&hub.verify_token=meatyhamhock",
        (),
        b"",
    )
    answer = answered("meta", twice, parameters=VERIFY)
    assert answer is not None
    assert answer.status == 403


def test_vercel_sees_its_code_in_every_answer_once_the_owner_has_set_it() -> None:
    check = answered("vercel", get(), parameters={"verify_token": "a1b2"})
    event = answered("vercel", post([{"message": "log"}]), parameters={"verify_token": "a1b2"})
    assert check is not None
    assert event is not None
    assert (check.status, check.headers, check.is_event) == (200, ((b"x-vercel-verify", b"a1b2"),), False)
    assert (event.status, event.headers, event.is_event) == (200, ((b"x-vercel-verify", b"a1b2"),), True)
    for broken in ({}, {"verify_token": "a\r\nb: c"}, {"verify_token": "ü"}):
        assert answered("vercel", get(), parameters=broken) is None
        assert answered("vercel", post({}), parameters=broken) is None


def test_asana_brings_the_secret_and_hears_it_again_while_there_is_none() -> None:
    answer = answered("asana", post(x_hook_secret=HOOK_SECRET))
    assert answer is not None
    assert (answer.status, answer.headers) == (200, ((b"x-hook-secret", HOOK_SECRET.encode()),))
    assert answer.captured == HOOK_SECRET.encode()
    assert answered("asana", post(x_hook_secret=HOOK_SECRET), [b"another"]) is None
    for broken in ("", "s" * 1001, "sécret"):
        assert answered("asana", post(x_hook_secret=broken)) is None
