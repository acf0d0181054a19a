"""Durations as Go writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInputError
from domain.git.duration import duration_ms, written


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("15s", 15_000),
        ("1h30m", 5_400_000),
        ("24h", 86_400_000),
        ("24h0m0s", 86_400_000),
        ("1.5h", 5_400_000),
        (".5s", 500),
        ("1.s", 1000),
        ("1m1ms", 60_001),
        ("1500us", 1),
        ("1500\u00b5s", 1),
        ("1500\u03bcs", 1),
        ("999999ns", 0),
        ("30m1h", 5_400_000),
        ("+3s", 3000),
        ("0", 0),
        ("0s", 0),
        ("-0s", 0),
        ("2562047h", 9_223_369_200_000),
    ],
)
def test_what_go_reads(text: str, ms: int) -> None:
    assert duration_ms("spec.pollingInterval", text) == ms


@pytest.mark.parametrize(
    "text",
    [
        "",
        "15",
        "s",
        "-1s",
        "1d",
        "1 s",
        "1h 3m",
        "1e3s",
        ".s",
        "15S",
        "1s\n",
        "\u0661s",
        "2562048h",
        "9" * 70 + "h",
    ],
)
def test_what_go_does_not_read(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        duration_ms("spec.pollingInterval", text)
    assert caught.value.field == "spec.pollingInterval"
    assert str(caught.value).startswith("spec.pollingInterval ")


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0s"),
        (15_000, "15s"),
        (90_000, "1m30s"),
        (3_600_000, "1h"),
        (86_400_000, "24h"),
        (1500, "1.5s"),
        (60_001, "1m0.001s"),
    ],
)
def test_they_are_written_as_one_would(ms: int, text: str) -> None:
    assert written(ms) == text


@given(st.integers(0, 9_223_369_200_000))
def test_what_is_written_is_read(ms: int) -> None:
    assert duration_ms("field", written(ms)) == ms
