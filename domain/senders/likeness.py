"""A likeness: the senders that somebody may have meant who wrote a name that none has."""

from difflib import get_close_matches

from domain.senders.catalogue import SENDERS
from domain.webhook import GIT

_MAX_CHARS = 64


def likely(name: str) -> str:
    """A question with the keys that are like a name, "" when none is."""
    said = name[:_MAX_CHARS].lower()
    # So short a name is like many: who means GitHub or GitLab need not hear of it.
    close = get_close_matches(said, [GIT], cutoff=0.8) + get_close_matches(said, SENDERS, n=3)
    return f"Did you mean {' or '.join(close)}?" if close else ""
