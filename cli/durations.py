"""Durations as people write them, and moments as people say them: 90d, in 21 h, 3 h ago."""

from datetime import datetime
from typing import Final

import typer

from domain import moment

_UNITS_MS: Final = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000}


def duration_ms(text: str) -> int:
    """A duration such as 90d, 12h, 30m or 45s in milliseconds; up to ten years.

    Raises:
        typer.BadParameter: it is none.
    """
    length = moment.duration_ms(text)
    if length is None:
        raise typer.BadParameter(f"{text!r} is no duration; write 90d, 12h, 30m or 45s, at most 3650d.")
    return length


def grace_s(text: str) -> int:
    """A grace time in seconds: a duration, or 0 for none.

    Raises:
        typer.BadParameter: it is neither.
    """
    return 0 if text == "0" else duration_ms(text) // 1000


def about(length_ms: int) -> str:
    """The largest unit that fits one and a half times: 90 m is that, not 1 h or 2 h.

    It is rounded to the nearest: what was just made for 90 d is not called 89.
    """
    for unit, size in _UNITS_MS.items():
        if 2 * length_ms >= 3 * size or (unit == "s" and length_ms >= size):
            return f"{(length_ms + size // 2) // size} {unit}"
    return "less than 1 s"


def unix_ms(at: str) -> int:
    """A moment of RFC 3339 in Unix milliseconds."""
    return round(datetime.fromisoformat(at).timestamp() * 1000)


def ago(at: str | None, now_ms: int) -> str:
    """How long a moment of RFC 3339 is past, "just now" below a second; "never" when there was none."""
    if not at:
        return "never"
    past_ms = now_ms - unix_ms(at)
    return f"{about(past_ms)} ago" if past_ms >= _UNITS_MS["s"] else "just now"
