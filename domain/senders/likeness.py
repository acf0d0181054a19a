"""A likeness: the senders that somebody may have meant who wrote a name that none has."""

from difflib import get_close_matches

from domain.senders.catalogue import SENDERS
from domain.webhook import GIT

_MAX_CHARS = 64


def likely(name: str) -> str:
    """A question with the keys that are like a name, "" when none is."""
    close = get_close_matches(name[:_MAX_CHARS].lower(), (*SENDERS, GIT), n=3)
    return f"Did you mean {' or '.join(close)}?" if close else ""
