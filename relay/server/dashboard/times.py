"""Times as people read them."""

from datetime import UTC, datetime
from typing import Final

_STEPS: Final = ((60, 1, "s"), (3600, 60, "min"), (48 * 3600, 3600, "h"), (float("inf"), 86400, "days"))


def unix_ms(moment: str) -> int:
    """A moment of RFC 3339 as Unix ms."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def about(seconds: float) -> str:
    """A length of time in one number and its unit."""
    whole = max(0, round(seconds))
    for below, unit, name in _STEPS:
        if whole < below:
            return f"{whole // unit} {name}"
    raise AssertionError


def relative(moment: str, now_ms: int) -> str:
    """How long ago a moment was, or how far off it is."""
    seconds = (now_ms - unix_ms(moment)) / 1000
    if seconds < -1:
        return f"in {about(-seconds)}"
    return "now" if seconds < 1 else f"{about(seconds)} ago"


def exact(moment: str) -> str:
    """A moment to the millisecond, in UTC."""
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " UTC"
