"""Moments as people write them, on the command line: a time of RFC 3339, a day, or how long ago."""

import re
from typing import Final

import typer

from cli.durations import duration_ms
from domain.moment import as_text, moment_of

__all__ = ["as_text", "moment"]

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
        duration_ms(text)  # says how long it may be
    found = moment_of(text, now_ms)
    if found is None:
        raise typer.BadParameter(
            f"{text!r} is no time; write 2h for two hours ago, 2026-01-31 or 2026-01-31T12:00:00Z."
        )
    return found
