"""Filters of our own: sentences with commands in them, types of events, and times of day."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

_COMMAND: Final = re.compile(r"(?:'(?=fleet )|`)([^'`]+)['`]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a sentence; `is_command` when it is to be typed or written just so."""

    text: str
    is_command: bool


def commands(sentence: str) -> Iterator[Piece]:
    """A sentence in pieces, so that the commands and names it quotes can be shown as such."""
    for number, text in enumerate(_COMMAND.split(sentence)):
        if text:
            yield Piece(text, number % 2 == 1)


def kind(event: Mapping[str, Any]) -> str:
    """The type of an event; a worker finds out whether it has one."""
    return event["type"] or ("not read yet" if event["outcome"] == "waiting" else "no type")


def clock(moment: str) -> str:
    """The time of day of a moment of RFC 3339, to the millisecond, in UTC."""
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%H:%M:%S.%f")[:-3]


def path(url: str) -> str:
    """What tells one URL of ours from another."""
    return urlsplit(url).path


def is_moment(text: str) -> bool:
    """Whether a text is a moment of RFC 3339, with its zone."""
    try:
        found = datetime.fromisoformat(text)
        # Near the ends of the calendar there is no such moment in UTC.
        return found.tzinfo is not None and found.astimezone(UTC).year > 1
    except (ValueError, OverflowError):
        return False
