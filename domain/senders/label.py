"""A label: a short printable text that a sender chose, safe to log, to store and to show."""

from collections.abc import Sequence


def label(values: Sequence[bytes], max_chars: int) -> str | None:
    """The one value there is, if it is printable ASCII and not too long; None otherwise.

    Nothing is cut or replaced: two different values must never become the same label.
    """
    if len(values) != 1 or not 0 < len(values[0]) <= max_chars or not values[0].isascii():
        return None
    text = values[0].decode("ascii")
    return text if text.isprintable() else None
