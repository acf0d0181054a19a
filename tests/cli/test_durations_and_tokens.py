"""What `fleet gateways list` says of tokens."""

import pytest

from cli.durations import about, ago, duration_ms, grace_s
from cli.tokens import state
from domain.gateway import Gateway

DAY_MS = 86_400_000


@pytest.mark.parametrize(
    ("expires_at", "old_until", "revoked", "words"),
    [
        (None, None, False, "valid"),
        (None, 5 * DAY_MS, True, "revoked"),
        (DAY_MS, None, False, "expired"),
        (13 * DAY_MS, None, False, "expires in 12 d"),
        (91 * DAY_MS - 5000, None, False, "expires in 90 d"),
        (DAY_MS + 500, None, False, "expires in less than 1 s"),
        (None, DAY_MS + 7_200_000, False, "valid, old token open for 2 h"),
        (None, DAY_MS, False, "valid"),
    ],
)
def test_the_state_of_tokens_in_words(
    expires_at: int | None, old_until: int | None, *, revoked: bool, words: str
) -> None:
    gateway = Gateway("gw", "home", 1, revoked=revoked, expires_at=expires_at, old_until=old_until)
    assert state(gateway, DAY_MS) == words


@pytest.mark.parametrize(
    ("length_ms", "words"),
    [
        (999, "less than 1 s"),
        (1000, "1 s"),
        (89_999, "90 s"),
        (90_000, "2 m"),
        (5_399_995, "90 m"),
        (2 * 3_600_000 - 5, "2 h"),
        (DAY_MS - 5, "24 h"),
        (2 * DAY_MS - 5, "2 d"),
    ],
)
def test_a_length_of_time_is_told_in_a_unit_that_fits(length_ms: int, words: str) -> None:
    assert about(length_ms) == words
    if length_ms >= 1000:
        assert ago("2026-01-31T12:00:00.500Z", 1_769_860_800_500 + length_ms) == f"{words} ago"


@pytest.mark.parametrize("length_ms", [-5, 0, 999])
def test_less_than_a_second_ago_is_just_now(length_ms: int) -> None:
    assert ago("2026-01-31T12:00:00.500Z", 1_769_860_800_500 + length_ms) == "just now"


def test_what_never_was_is_no_time_ago() -> None:
    assert ago(None, DAY_MS) == "never"


@pytest.mark.parametrize(("text", "seconds"), [("0", 0), ("24h", 86_400), ("90m", 5400)])
def test_a_grace_time_may_be_none(text: str, seconds: int) -> None:
    assert grace_s(text) == seconds


def test_durations_have_units() -> None:
    assert [duration_ms(text) for text in ("90d", "12h", "30m", "45s")] == [
        90 * DAY_MS,
        43_200_000,
        1_800_000,
        45_000,
    ]
