"""The description of an event: what its sender says it is."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.event import Request
from domain.senders.content import Content
from domain.senders.label import label
from domain.senders.sender import Sender
from domain.senders.source import Source, is_each

MAX_TYPE_CHARS: Final = 100
MAX_ID_CHARS: Final = 200

MAX_TYPES: Final = 100
"""So many types of one body are told apart."""


@dataclass(frozen=True, slots=True)
class Description:
    """An event's type and id in the words of its sender: printable ASCII, and as trusted as the request.

    Attributes:
        event_type: the sender's label, at most MAX_TYPE_CHARS; "" when there is none. For a body with events
            of several types the first and how many more there are.
        event_id: the sender's own id, at most MAX_ID_CHARS; None when there is none. For a body with several
            events the hash of all their ids.
        event_types: each type in the body once, in order; empty when there is none.
        count: how many events the body brings.
    """

    event_type: str
    event_id: str | None
    event_types: tuple[str, ...] = ()
    count: int = 1


def describe(sender: Sender, request: Request) -> Description:
    """What a request says about itself. Never fails: what cannot be read is absent.

    The body is parsed at most once, and not at all when headers say everything.
    """
    content = Content(request)
    types = tuple(dict.fromkeys(filter(None, _labels(sender.event_type, content, MAX_TYPE_CHARS))))[
        :MAX_TYPES
    ]
    count = 1 if sender.items is None else max(1, sender.items.length(content))
    ids = _labels(sender.event_id, content, MAX_ID_CHARS)
    # An event without an id could be any: two bodies with one would look the same.
    is_told = len(ids) == count or not any(map(is_each, sender.event_id))
    return Description(_summary(types), _identity(ids) if is_told else None, types, count)


def _labels(sources: Sequence[Source], content: Content, max_chars: int) -> list[str | None]:
    """The labels in the first source that has usable ones: one, or one for each event in the body."""
    for source in sources:
        values = source.values(content)
        each = [[value] for value in values] if is_each(source) else [values]
        found = [label(value, max_chars) for value in each]
        if any(found):
            return found
    return []


def _summary(types: Sequence[str]) -> str:
    if len(types) <= 1:
        return types[0] if types else ""
    more = f" and {len(types) - 1} more"
    return types[0][: MAX_TYPE_CHARS - len(more)] + more


def _identity(ids: Sequence[str | None]) -> str | None:
    known = [each for each in ids if each is not None]
    if len(known) < len(ids) or not known:
        return None
    return known[0] if len(known) == 1 else hashlib.sha256("\n".join(known).encode()).hexdigest()
