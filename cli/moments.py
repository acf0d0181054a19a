"""Moments as people write them: a time of RFC 3339, a day, or how long ago."""

import re
from datetime import UTC, datetime
from typing import Final

import typer

from cli.durations import duration_ms

_AGO: Final = re.compile(r"[1-9][0-9]*[dhms]")


def moment(text: str, now_ms: int) -> str:
    """A moment in RFC 3339, in UTC.

    Args:
        text: 2h (two hours ago), 2026-01-31, or 2026-01-31T12:00:00Z. Without a zone it is UTC.
        now_ms: Unix time in milliseconds.

    Raises:
        typer.BadParameter: it is none of these.
    """
    if _AGO.fullmatch(text):
        return as_text(now_ms - duration_ms(text))
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no time; write 2h for two hours ago, 2026-01-31 or 2026-01-31T12:00:00Z."
        ) from None
    zoned = found if found.tzinfo else found.replace(tzinfo=UTC)
    return as_text(round(zoned.timestamp() * 1000))


def as_text(unix_ms: int) -> str:
    """Unix milliseconds as RFC 3339, in UTC."""
    text = datetime.fromtimestamp(max(0, unix_ms) / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
