"""Passed over: why a subscription that listens did not get an event."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

MAX_SHOWN_CHARS: Final = 200
"""So much of an expression is kept with every event that it passed over; the subscription has all of it."""

MAX_ASKED_CHARS: Final = 2000
"""So much of all filters together is kept with one event: its story outlives its body by days."""

_CUT: Final = "..."


class Because(StrEnum):
    """Which part of a filter an event did not pass. They are looked at in this order."""

    EVENT_TYPE = "event_type"
    SENDER = "sender"
    EXPRESSION = "expression"
    EXPRESSION_FAILED = "expression_failed"

    @property
    def is_of_expression(self) -> bool:
        """Whether the expression decided."""
        return self in {Because.EXPRESSION, Because.EXPRESSION_FAILED}


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A subscription that listens and did not get the event.

    Attributes:
        subscription: its id.
        because: the part of its filter that the event did not pass.
        asked: that part, as it was then: globs, keys of senders, or the one expression, shortened.
        detail: why the expression failed, see `domain.expression.failure`; "" otherwise. Never payload.
    """

    subscription: str
    because: Because
    asked: tuple[str, ...]
    detail: str = ""

    def asked_as(self, *parts: Because) -> tuple[str, ...]:
        """What it asked, when that is one of these parts; else nothing."""
        return self.asked if self.because in parts else ()


def shortened(expression: str) -> str:
    """An expression as a story keeps it: in one line, and of a long one the beginning."""
    line = " ".join(expression.split())
    return line if len(line) <= MAX_SHOWN_CHARS else f"{line[:MAX_SHOWN_CHARS]}{_CUT}"


def bounded(passed_over: Sequence[PassedOver]) -> Iterator[PassedOver]:
    """The same, with no more of what they asked than one story keeps; what was cut ends with three dots."""
    left = MAX_ASKED_CHARS
    for each in passed_over:
        asked: list[str] = []
        for part in each.asked:
            asked.append(part if len(part) <= left else f"{part[:left]}{_CUT}")
            left -= len(part)
            if left < 0:
                break
        left = max(0, left)
        yield replace(each, asked=tuple(asked))
