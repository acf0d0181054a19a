"""Reading a body for expressions: plain JSON, plain forms, and nothing that could be read in two ways."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.event import Request
from domain.expression.reading import MAX_DEPTH, MAX_PARTS, TooManyPartsError, UnreadError, content_of
from tests.expression_facts import FORM_TYPE, JSON_TYPE


def read(body: bytes, *headers: tuple[bytes, bytes]) -> object:
    return content_of(Request("POST", b"", b"", headers or (JSON_TYPE,), body))


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1, "a": 2}',
        b'[{"b": {"a": 1, "a": 1}}]',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": ',
        b"",
        b"\xff",
        b"[" * (MAX_DEPTH + 2) + b"]" * (MAX_DEPTH + 2),
        b"[" * 100_000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
    ],
)
def test_what_could_be_read_in_two_ways_or_in_none_is_not_read(body: bytes) -> None:
    with pytest.raises(UnreadError):
        read(body)


def test_many_shallow_lists_are_not_deep() -> None:
    assert read(b"[" + b",".join([b"[[]]"] * 500) + b"]") == [[[]]] * 500
    assert read(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) is not None


def test_a_body_with_as_many_parts_as_are_read_is_read_and_one_with_more_is_not() -> None:
    most = b"[" + b"0," * (MAX_PARTS - 1) + b"0]"
    assert read(most) == [0] * MAX_PARTS
    for body in (most + b",", b"[" + b"[]," * (MAX_PARTS // 2) + b"0]", b"{" * MAX_PARTS + b"["):
        with pytest.raises(TooManyPartsError):
            read(body)


def test_the_json_in_a_form_has_the_same_bound() -> None:
    """It is escaped there: most of its commas are none in the body itself."""
    raw, escaped = b"0," * 60_000, b"%2C" * 45_000
    with pytest.raises(TooManyPartsError):
        read(b"payload=[" + raw + escaped, FORM_TYPE)
    assert isinstance(read(b"payload=[" + escaped, FORM_TYPE), dict)


def test_emoji_in_escapes_are_whole_characters() -> None:
    assert read(b'{"a": "\\ud83d\\ude00"}') == {"a": "\N{GRINNING FACE}"}


@pytest.mark.parametrize(
    ("digits", "value"),
    [
        (b"9223372036854775807", 2**63 - 1),
        (b"-9223372036854775807", -(2**63) + 1),
        (b"9223372036854775808", float(2**63)),
        (b"1" * 5000, float("inf")),
    ],
)
def test_numbers_beyond_64_bits_are_doubles(digits: bytes, value: float) -> None:
    found = read(digits)
    assert (found, type(found)) == (value, type(value))


def test_a_form_with_a_field_twice_is_not_read() -> None:
    assert read(b"a=1&b=%20", FORM_TYPE) == {"a": "1", "b": " "}
    with pytest.raises(UnreadError):
        read(b"a=1&a=2", FORM_TYPE)


def test_the_payload_of_a_form_is_read_as_strictly() -> None:
    assert read(b"payload=%5B1%5D", FORM_TYPE) == {"payload": [1]}
    assert read(b"payload=hello", FORM_TYPE) == {"payload": "hello"}
    with pytest.raises(UnreadError):
        read(b"payload=%7B%22a%22:1,%22a%22:2%7D", FORM_TYPE)


def test_json_is_json_whatever_it_is_declared_to_be() -> None:
    assert read(b'{"a": 1}', FORM_TYPE) == {"a": 1}
    assert read(b"hello", (b"content-type", b"text/plain")) is None
    with pytest.raises(UnreadError):
        read(b"hello", (b"content-type", b"application/vnd.x+json; charset=utf-8"))


PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda each: st.lists(each, max_size=5) | st.dictionaries(st.text(), each, max_size=5),
)


@given(PLAIN)
def test_plain_json_is_read_as_it_is(value: object) -> None:
    assert read(json.dumps(value).encode()) == value
    assert read(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=200), st.sampled_from([JSON_TYPE, FORM_TYPE, (b"x", b"y")]))
def test_any_bytes_are_read_or_refused(body: bytes, header: tuple[bytes, bytes]) -> None:
    with suppress(UnreadError):
        read(body, header)
