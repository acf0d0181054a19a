"""An errand: a call that deciding about an event needs."""

from dataclasses import dataclass
from enum import StrEnum

from store.decisions import Decision


class Purpose(StrEnum):
    """What is called for."""

    DOCUMENT = "document"
    CONFIRMATION = "confirmation"


@dataclass(frozen=True, slots=True)
class Errand:
    """A call that deciding about an event needs.

    Attributes:
        event: the event's id.
        webhook: the webhook's id.
        purpose: what is called for.
        url: what is called.
        otherwise: what is decided when no call is made, because none may be or none can tell more.
    """

    event: str
    webhook: str
    purpose: Purpose
    url: str
    otherwise: Decision
