"""When a failed attempt is tried again."""

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.retry import DEFAULT_SCHEDULE_S, next_delay_s, parse_retry_after

NOW = 1_800_000_000.0
dice = st.floats(0, 1, exclude_max=True)


@given(st.integers(1, 9), dice)
def test_jitter_stays_within_a_fifth(tries: int, thrown: float) -> None:
    planned = DEFAULT_SCHEDULE_S[tries - 1]
    delay = next_delay_s(DEFAULT_SCHEDULE_S, tries, None, thrown)
    assert delay is not None
    assert 0.8 * planned <= delay <= 1.2 * planned


@given(st.integers(10, 1000), dice, st.none() | st.floats(0, 1e6))
def test_after_the_last_attempt_there_is_none(tries: int, thrown: float, asked: float | None) -> None:
    assert next_delay_s(DEFAULT_SCHEDULE_S, tries, asked, thrown) is None


@pytest.mark.parametrize(("asked", "given_"), [(0, 1), (1, 1), (90.5, 90.5), (43_200, 43_200), (1e9, 43_200)])
def test_what_the_subscriber_asks_for_is_kept_within_bounds(asked: float, given_: float) -> None:
    assert next_delay_s(DEFAULT_SCHEDULE_S, 1, asked, 0.9) == given_


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        (formatdate(NOW + 90, usegmt=True), 90.0),
        (formatdate(NOW - 90, usegmt=True), 0.0),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("Mon, 99 Foo 2026 00:00:00 GMT", None),
    ],
)
def test_the_header_is_read_in_both_forms(value: str, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds


@given(st.text(max_size=60))
def test_no_header_breaks_it(value: str) -> None:
    seconds = parse_retry_after(value, NOW)
    assert seconds is None or seconds >= 0
