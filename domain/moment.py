"""Moments and durations as people write them: 2h for two hours ago, 2026-01-31, 2026-01-31T12:00:00Z."""

import re
from datetime import UTC, datetime
from typing import Final

_UNITS_MS: Final = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000}
_DURATION: Final = re.compile(r"([1-9][0-9]{0,8})([dhms])")
_LONGEST_MS: Final = 3650 * _UNITS_MS["d"]


def duration_ms(text: str) -> int | None:
    """A duration such as 90d, 12h, 30m or 45s in milliseconds, up to ten years; None when it is none."""
    found = _DURATION.fullmatch(text)
    length = int(found[1]) * _UNITS_MS[found[2]] if found else 0
    return length if 0 < length <= _LONGEST_MS else None


def moment_of(text: str, now_ms: int) -> str | None:
    """A moment in RFC 3339, in UTC; None when the text is none.

    Args:
        text: 2h (two hours ago), 2026-01-31, or 2026-01-31T12:00:00Z. Without a zone it is UTC.
        now_ms: Unix time in milliseconds.
    """
    if (past_ms := duration_ms(text)) is not None:
        return as_text(now_ms - past_ms)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    zoned = found if found.tzinfo else found.replace(tzinfo=UTC)
    return as_text(round(zoned.timestamp() * 1000))


def as_text(unix_ms: int) -> str:
    """Unix milliseconds as RFC 3339, in UTC."""
    text = datetime.fromtimestamp(max(0, unix_ms) / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
