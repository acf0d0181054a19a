"""An imitation: the request for an event that somebody names, made of the sample that comes closest."""

from typing import Final

from domain.errors import InvalidInputError
from domain.event import Request
from domain.senders.content import Content
from domain.senders.description import describe
from domain.senders.samples.blanks import Blanks
from domain.senders.samples.sample import Sample
from domain.senders.sender import Sender
from domain.senders.site import Site
from domain.senders.source import Source
from domain.senders.writing import written

MAX_EVENT_CHARS: Final = 100


def closest(samples: tuple[Sample, ...], event: str) -> Sample:
    """The sample of an event; the first of all where there is none of that name."""
    return next((sample for sample in samples if sample.event == event), samples[0])


def imitation(sender: Sender, sample: Sample, event: str, blanks: Blanks, site: Site) -> Request:
    """A request by which the sender would tell of an event, yet unsigned.

    Args:
        sender: who is imitated, see `tailored`.
        sample: what it is made of, see `closest`.
        event: its type, or the name of the sample.
        blanks: what is new each time.
        site: where it will arrive.

    Raises:
        InvalidInputError: the sender could not name an event like that.
    """
    request = sample.request(blanks)
    if sample.event == event:
        return request
    content = Content(request, site)
    for source in sender.event_type:
        changed = _told(source, event, request, site) if source.values(content) else None
        if changed is not None and describe(sender, changed).event_type == event:
            return changed
    raise InvalidInputError("event", f"{sender.title} has no way to say {event[:64]!r}.")


def _told(source: Source, event: str, request: Request, site: Site) -> Request | None:
    """The request with an event where a source has it; None when it cannot stand there."""
    try:
        return written(source, event.encode(), request, site)
    except InvalidInputError:
        return None
