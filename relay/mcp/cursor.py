"""The cursor of who waits: the event after which he has not looked yet."""

from typing import Final

from domain.errors import InvalidInputError
from domain.ids import is_id

START: Final = "start"
"""Before the first event that the log remembers."""


def checked(after: str) -> str:
    """A cursor, when it is one; "" stands for now.

    Raises:
        InvalidInputError: it is none of ours.
    """
    if after in {"", START} or is_id("evt", after):
        return after
    raise InvalidInputError(
        "after", f"'after' is what an answer gave as 'after', or {START!r} for everything, or empty for now."
    )
