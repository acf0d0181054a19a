"""How long access tokens open: durations as people write them, and the state of tokens in words."""

import re
from typing import Final

import typer

from domain.gateway import Gateway

_UNITS_MS: Final = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000}
_DURATION: Final = re.compile(r"([1-9][0-9]{0,8})([dhms])")
_LONGEST_MS: Final = 3650 * _UNITS_MS["d"]


def duration_ms(text: str) -> int:
    """A duration such as 90d, 12h, 30m or 45s in milliseconds; up to ten years.

    Raises:
        typer.BadParameter: it is none.
    """
    found = _DURATION.fullmatch(text)
    length = int(found[1]) * _UNITS_MS[found[2]] if found else 0
    if not 0 < length <= _LONGEST_MS:
        raise typer.BadParameter(f"{text!r} is no duration; write 90d, 12h, 30m or 45s, at most 3650d.")
    return length


def state(gateway: Gateway, now_ms: int) -> str:
    """What the tokens of a gateway open, in words."""
    if gateway.revoked:
        return "revoked"
    old = gateway.old_until
    words = [_of_newest(gateway.expires_at, now_ms)]
    if old is not None and old > now_ms:
        words.append(f"old token open for {_about(old - now_ms)}")
    return ", ".join(words)


def _of_newest(expires_at: int | None, now_ms: int) -> str:
    if expires_at is None:
        return "valid"
    return "expired" if expires_at <= now_ms else f"expires in {_about(expires_at - now_ms)}"


def _about(length_ms: int) -> str:
    """The largest unit that fits, rounded to the nearest: what was just made for 90 d is not called 89."""
    for unit, size in _UNITS_MS.items():
        if length_ms >= size:
            return f"{(length_ms + size // 2) // size} {unit}"
    return "less than 1 s"
