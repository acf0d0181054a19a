"""Failures of expressions: why one came to no answer, in words of ours.

CEL quotes keys and values of the payload in its errors. None of that may be kept or logged, so that an error
becomes one of these classes; the one word that is kept besides stands in the expression itself.
"""

import re
from enum import StrEnum
from typing import Final


class Failure(StrEnum):
    """Why an expression came to no answer about an event."""

    MISSING_KEY = "missing_key"
    WRONG_TYPE = "wrong_type"
    MISSING_ITEM = "missing_item"
    NO_RESULT = "no_result"
    NOT_CONVERTED = "not_converted"
    BAD_PATTERN = "bad_pattern"
    NO_CONTENT = "no_content"
    BODY_UNREAD = "body_unread"
    TOO_MANY_PARTS = "too_many_parts"
    NOT_TEXT = "not_text"
    TOO_MANY_ITEMS = "too_many_items"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    RESTING = "resting"
    CRASHED = "crashed"
    INVALID = "invalid"
    OTHER = "other"


MEANINGS: Final[dict[Failure, str]] = {
    Failure.MISSING_KEY: "it asks for a key that this event does not have; has() asks whether it is there",
    Failure.WRONG_TYPE: "a value in this event is of another type than it expects",
    Failure.MISSING_ITEM: "it asks for an item beyond the end of a list",
    Failure.NO_RESULT: "it divides by zero, or a number grows too large",
    Failure.NOT_CONVERTED: "a value in this event cannot be converted as it wishes",
    Failure.BAD_PATTERN: "its regular expression is invalid, or too large",
    Failure.NO_CONTENT: "it looks into the body, which is neither JSON nor a form here",
    Failure.BODY_UNREAD: "it looks into the body, which is broken here, nested too deep, or has a key twice",
    Failure.TOO_MANY_PARTS: (
        "it looks into the body, which has more than 100,000 commas and opening brackets here and is not read"
    ),
    Failure.NOT_TEXT: "it asks for the text of the body, which is not UTF-8 here",
    Failure.TOO_MANY_ITEMS: "it goes through too many items",
    Failure.TOO_LARGE: "it takes too much memory",
    Failure.TOO_SLOW: "it takes too long",
    Failure.RESTING: "it took too long before, and so it is not tried for a minute",
    Failure.CRASHED: "its evaluation came to an end by itself, as it does when memory runs out",
    Failure.INVALID: "it is not valid; remove the subscription and make it again",
    Failure.OTHER: "it could not be evaluated",
}
"""To be set behind a colon."""

_MISSING: Final = re.compile(r'NOT_FOUND: Key not found in map : "(.*)"', re.DOTALL)
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", re.ASCII)
_CLASSES: Final[tuple[tuple[str, Failure], ...]] = (
    ("NOT_FOUND: Key not found", Failure.MISSING_KEY),
    ('UNKNOWN: No value with name "body"', Failure.BODY_UNREAD),
    ('UNKNOWN: No value with name "text"', Failure.NOT_TEXT),
    ("UNKNOWN: No matching overloads", Failure.WRONG_TYPE),
    ("INVALID_ARGUMENT: Applying SELECT", Failure.WRONG_TYPE),
    ("UNKNOWN: Index error: expected", Failure.WRONG_TYPE),
    ("UNKNOWN: Index error", Failure.MISSING_ITEM),
    ("INVALID_ARGUMENT: divide by zero", Failure.NO_RESULT),
    ("INVALID_ARGUMENT: modulus by zero", Failure.NO_RESULT),
    ("OUT_OF_RANGE", Failure.NO_RESULT),
    ("INVALID_ARGUMENT: invalid regular expression", Failure.BAD_PATTERN),
    ("INVALID_ARGUMENT: cannot convert", Failure.NOT_CONVERTED),
    ("INVALID_ARGUMENT: Type conversion error", Failure.NOT_CONVERTED),
    ("INVALID_ARGUMENT: String to ", Failure.NOT_CONVERTED),
    ("INVALID_ARGUMENT: malformed UTF-8", Failure.NOT_CONVERTED),
    ("INVALID_ARGUMENT: Invalid timezone", Failure.NOT_CONVERTED),
    ("INTERNAL: Iteration budget exceeded", Failure.TOO_MANY_ITEMS),
)
"""How the errors of cel-expr-python 0.1 begin; what follows may be payload."""


def failure_of(error: str, expression: str) -> str:
    """The class of a run-time error of CEL; of a missing key also its name, if the expression has it.

    Args:
        error: what CEL says, payload included.
        expression: what was evaluated.
    """
    found = next((each for start, each in _CLASSES if error.startswith(start)), Failure.OTHER)
    key = _MISSING.fullmatch(error)
    if found is not Failure.MISSING_KEY or key is None or not _is_written(key[1], expression):
        return found.value
    return f"{found.value} {key[1]}"


def told(detail: str) -> str:
    """A failure in words, to be set behind a colon; what is not known is told as it is not known."""
    name, _, key = detail.partition(" ")
    failure = Failure(name) if name in set(Failure) else Failure.OTHER
    if failure is Failure.MISSING_KEY and key:
        return f"this event has no key {key!r} where it asks for one; has() asks whether it is there"
    return MEANINGS[failure]


def _is_written(key: str, expression: str) -> bool:
    """Whether an expression names a key itself: `.key` or `["key"]`. So it tells nothing of the payload."""
    if _WORD.fullmatch(key) is None:
        return False
    name = re.escape(key)
    return re.search(rf"\.\s*{name}(?![\w-])|\[\s*(['\"]){name}\1\s*\]", expression) is not None
