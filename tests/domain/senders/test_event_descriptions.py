"""What an event's type and id are, sender by sender, and when they are absent."""

import json
from collections.abc import Mapping
from urllib.parse import urlencode

import pytest

from domain.event import Headers, Request
from domain.senders import SENDERS, Description, Sender, describe

GITHUB, STRIPE, SLACK, CUSTOM = (SENDERS[key] for key in ("github", "stripe", "slack", "custom"))
FORM: Headers = ((b"content-type", b"application/x-www-form-urlencoded; charset=utf-8"),)


def described(sender: Sender, body: object = b"", headers: Headers = ()) -> Description:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return describe(sender, Request("POST", b"", b"", headers, raw))


def form(fields: Mapping[str, str]) -> Description:
    return described(SLACK, urlencode(fields).encode(), FORM)


def test_github_says_it_in_headers_whatever_the_body() -> None:
    headers = ((b"x-github-event", b"push"), (b"x-github-delivery", b"72d3162e-cc78-11e3-81ab-4c9367dc0958"))
    expected = Description("push", "72d3162e-cc78-11e3-81ab-4c9367dc0958", ("push",))
    assert described(GITHUB, b"[" * 100_000, headers) == expected
    assert described(GITHUB, b"payload=%7B%7D", (*FORM, *headers)) == expected


def test_stripe_says_it_in_the_body() -> None:
    body = {"id": "evt_123", "object": "event", "type": "customer.created"}
    assert described(STRIPE, body) == Description("customer.created", "evt_123", ("customer.created",))


def test_slack_names_an_event_by_what_it_wraps() -> None:
    body = {"type": "event_callback", "event_id": "Ev0PV52K25", "event": {"type": "message"}}
    assert described(SLACK, body) == Description("message", "Ev0PV52K25", ("message",))


def test_slack_names_other_messages_by_their_own_type() -> None:
    assert described(SLACK, {"type": "app_rate_limited"}) == Description(
        "app_rate_limited", None, ("app_rate_limited",)
    )


def test_slack_names_a_slash_command_by_the_command() -> None:
    assert form({"command": "/deploy", "trigger_id": "13345224609.738"}) == Description(
        "/deploy", "13345224609.738", ("/deploy",)
    )


def test_slack_names_an_interaction_by_the_type_in_its_payload() -> None:
    assert form({"payload": json.dumps({"type": "block_actions"})}).event_type == "block_actions"


def test_a_custom_program_may_say_it_in_a_header_or_in_the_body() -> None:
    headers = ((b"x-event-type", b"build.done"), (b"x-event-id", b"7"))
    assert described(CUSTOM, {"type": "other"}, headers) == Description("build.done", "7", ("build.done",))
    assert described(CUSTOM, {"type": "build.done"}) == Description("build.done", None, ("build.done",))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"type"',
        b"{}",
        b'{"type": 5.5, "id": 5.5}',
        b'{"type": true, "id": true}',
        b'{"type": null, "id": {}}',
        b'{"type": ["push"], "id": ["1"]}',
        b'{"type": "", "id": ""}',
        b'{"type": "\\ud800", "id": "\\ud800"}',
        b'{"type": "a\\nb", "id": "a\\u0000b"}',
        '{"type": "café", "id": "café"}'.encode(),
        b'{"type": "%s", "id": "%s"}' % (b"t" * 101, b"i" * 201),
        b"[" * 100_000,
        b'{"type":' * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"type": ' + b"9" * 5000 + b"}",
    ],
)
@pytest.mark.parametrize("sender", [STRIPE, SLACK, CUSTOM], ids=lambda sender: sender.key)
def test_a_body_that_does_not_say_it_leaves_it_absent(sender: Sender, body: bytes) -> None:
    assert described(sender, body) == Description("", None)


@pytest.mark.parametrize("value", [b"", b"\xff", b"a\x00b", b"a\x7f", b"x" * 201])
def test_a_header_that_is_no_label_leaves_it_absent(value: bytes) -> None:
    assert described(GITHUB, b"", ((b"x-github-event", value), (b"x-github-delivery", value))) == Description(
        "", None
    )


def test_json_that_is_declared_a_form_as_curl_does_is_read_as_json() -> None:
    assert described(CUSTOM, {"type": "build.done"}, FORM).event_type == "build.done"


def test_the_longest_labels_are_kept_whole() -> None:
    body = {"type": "t" * 100, "id": "i" * 200}
    assert described(STRIPE, body) == Description("t" * 100, "i" * 200, ("t" * 100,))


def test_contradicting_headers_say_nothing() -> None:
    headers = ((b"x-github-event", b"push"), (b"x-github-event", b"ping"))
    assert described(GITHUB, b"", headers).event_type == ""


def test_contradicting_form_fields_say_nothing() -> None:
    assert described(SLACK, b"command=%2Fa&command=%2Fb", FORM).event_type == ""


@pytest.mark.parametrize(
    "body",
    [
        b"command=%2Fa" + b"&" * 1000,
        b"command=%2Fa&text=" + b"x" * (256 * 1024),
        b"command=%FF",
        b"command=\xff",
        b"payload=" + b"[" * 100_000,
        b'["type"]',
    ],
)
def test_a_form_that_is_broken_or_too_large_says_nothing(body: bytes) -> None:
    assert described(SLACK, body, FORM).event_type == ""
