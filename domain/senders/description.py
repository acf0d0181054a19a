"""The description of an event: what its sender says it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.event import Request
from domain.senders.content import Content
from domain.senders.label import label
from domain.senders.sender import Sender
from domain.senders.source import Source

MAX_TYPE_CHARS: Final = 100
MAX_ID_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class Description:
    """An event's type and id in the words of its sender: printable ASCII, and as trusted as the request.

    Attributes:
        event_type: the sender's label, at most MAX_TYPE_CHARS; "" when there is none.
        event_id: the sender's own id, at most MAX_ID_CHARS; None when there is none.
    """

    event_type: str
    event_id: str | None


def describe(sender: Sender, request: Request) -> Description:
    """What a request says about itself. Never fails: what cannot be read is absent.

    The body is parsed at most once, and not at all when headers say everything.
    """
    content = Content(request)
    return Description(
        event_type=_first(sender.event_type, content, MAX_TYPE_CHARS) or "",
        event_id=_first(sender.event_id, content, MAX_ID_CHARS),
    )


def _first(sources: Sequence[Source], content: Content, max_chars: int) -> str | None:
    """The label in the first source that has one."""
    found = (label(source.values(content), max_chars) for source in sources)
    return next((text for text in found if text is not None), None)
