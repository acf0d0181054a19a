"""Judging an event by an expression: yes, no, or a reason in which nothing of the event is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.expression.failure import Failure, told
from domain.expression.judging import Judge
from tests.expression_facts import FORM_TYPE, JSON_TYPE, facts_of

PULL = json.dumps(
    {"action": "opened", "n": 2, "pull_request": {"draft": False, "labels": [{"name": "bug"}]}}
).encode()


def judged(
    expression: str, body: bytes = PULL, *headers: tuple[bytes, bytes], **change: object
) -> bool | str:
    return Judge(facts_of(body, *headers, **change)).judge(expression)


@pytest.mark.parametrize(
    "expression",
    [
        'body.action == "opened" && !body.pull_request.draft',
        'body.pull_request.labels.exists(l, l.name == "bug")',
        "body.n == 2 && body.n == 2.0 && body.n > 1",
        '!has(body.nothing) && !("nothing" in body)',
        'headers["content-type"] == "application/json"',
        'headers["x-two"] == "a, b"',
        'text.contains("\\"opened\\"")',
        'event.type == "push" && "push" in event.types && event.sender == "github"',
        'event.webhook == "hook" && event.id == "evt_1" && event.verified',
        'event.received_at == timestamp("2027-01-15T08:00:00Z")',
        'body.nothing.at.all == 1 || body.action == "opened"',
    ],
)
def test_what_an_expression_knows(expression: str) -> None:
    assert judged(expression, PULL, JSON_TYPE, (b"x-two", b"a"), (b"x-two", b"b")) is True
    assert judged(f"!({expression})", PULL, JSON_TYPE, (b"x-two", b"a"), (b"x-two", b"b")) is False


def test_a_form_is_a_map_of_texts() -> None:
    assert judged('body.user == "U1" && body.n == "1"', b"user=U1&n=1", FORM_TYPE) is True


@pytest.mark.parametrize("sender", ["GitHub's form", "Slack's buttons"])
def test_the_payload_of_a_form_is_json(sender: str) -> None:
    form = b"payload=%7B%22action%22%3A+%22opened%22%7D"
    assert judged('body.payload.action == "opened"', form, FORM_TYPE) is True, sender


def test_what_is_neither_json_nor_a_form_is_null_and_has_a_text() -> None:
    plain = (b"content-type", b"text/plain")
    assert judged("body == null", b"hello", plain) is True
    assert judged('text == "hello"', b"hello", plain) is True
    assert judged("body.a == 1", b"hello", plain) == "no_content"


@pytest.mark.parametrize(
    ("expression", "body", "failure"),
    [
        ("body.nope == 1", PULL, "missing_key nope"),
        ("body['nope'] == 1", PULL, "missing_key nope"),
        ('headers["x-none"] == "1"', PULL, "missing_key x-none"),
        ("body[body.action] == 1", PULL, "missing_key"),
        ("body.action + 1 > 2", PULL, "wrong_type"),
        ("body.action.x == 1", PULL, "wrong_type"),
        ("body.action.exists(x, x)", PULL, "wrong_type"),
        ("body.pull_request.labels['a'] == 1", PULL, "wrong_type"),
        ("body.pull_request.labels[1] == 1", PULL, "missing_item"),
        ("body.n / (body.n - 2) == 1", PULL, "no_result"),
        ("body.n % (body.n - 2) == 1", PULL, "no_result"),
        ("9223372036854775807 + body.n > 0", PULL, "no_result"),
        ("int(body.action) == 1", PULL, "not_converted"),
        ("bool(body.action)", PULL, "not_converted"),
        ("timestamp(body.action) == event.received_at", PULL, "not_converted"),
        ("event.received_at.getHours(body.action) == 1", PULL, "not_converted"),
        ("text.matches('(' + body.action)", PULL, "bad_pattern"),
        (
            "body.all(x, body.all(y, body.all(z, x + y + z >= 0)))",
            json.dumps([1] * 50).encode(),
            "too_many_items",
        ),
        ("body.a == 1", b'{"a": 1, "a": 1}', "body_unread"),
        ("body.a == 1", b"{", "body_unread"),
        ("body.size() > 0", b"[" + b"[]," * 50_000 + b"0]", "too_many_parts"),
        ("body[0] == 0 || text == ''", b"[" + b"0," * 100_000 + b"0]", "too_many_parts"),
        ("text == ''", b"\xff", "not_text"),
        ("body", PULL, "invalid"),
        ("nonsense(", PULL, "invalid"),
    ],
)
def test_what_fails_has_a_class(expression: str, body: bytes, failure: str) -> None:
    assert judged(expression, body) == failure
    assert told(failure)


def test_a_broken_body_does_not_matter_to_who_does_not_look_at_it() -> None:
    assert judged('event.type == "push"', b'{"a": 1, "a": 2}') is True


def test_no_variable_is_missing() -> None:
    for name in ("event.id", "event.type", "event.sender", "event.webhook"):
        assert judged(f'{name} != ""') is True


EXPRESSIONS = st.sampled_from(
    [
        'body.action == "opened"',
        "body.size() > 2",
        "body.exists(x, x == 1)",
        "body.all(k, body[k] == null)",
        "body[body.action] == 1",
        "body.map(x, x + 1).size() > 0",
        "int(body) > 0 || double(text) > 0.0",
        "timestamp(text) == event.received_at",
        "text.matches(text)",
        "event.received_at.getHours(text) == 1",
        "duration(text) == duration('1s')",
        "{text: 1}[body.x] == 1",
        "[1, 2][body] == 1",
        "headers.exists(h, headers[h].matches(text))",
        'headers["x"] == text',
        "body.x.y.z == body.x.y",
        "string(bytes(text)) == text",
        "-body > 1",
        "nonsense",
        "",
    ]
)
# A word that is in no expression: where it shows, it came from the event.
CANARY = "zebra-crossing"
TEXTS = st.one_of(st.just(CANARY), st.text(max_size=8).map(lambda each: CANARY + each))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda each: st.lists(each, max_size=4) | st.dictionaries(TEXTS | st.sampled_from(["action", "x"]), each),
    max_leaves=12,
)
BODIES = st.one_of(st.binary(max_size=64), VALUES.map(lambda each: json.dumps(each).encode()))
HEADERS = st.lists(st.tuples(st.binary(min_size=1, max_size=6), st.binary(max_size=12)), max_size=4).map(
    tuple
)


@given(expression=EXPRESSIONS, body=BODIES, headers=HEADERS)
def test_an_event_is_judged_or_there_is_a_reason_without_payload(
    expression: str, body: bytes, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    """Never an exception: a bool, or one of our classes; a key is named only as the expression has it."""
    found = judged(expression, body, *headers)
    if isinstance(found, bool):
        return
    name, _, key = found.partition(" ")
    assert name in set(Failure)
    assert CANARY not in told(found)
    assert not key or key in expression


@given(text=st.text(max_size=60), body=BODIES)
def test_any_text_as_an_expression_is_survived(text: str, body: bytes) -> None:
    found = judged(text, body)
    assert isinstance(found, bool) or found.partition(" ")[0] in set(Failure)
