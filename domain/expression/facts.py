"""Facts: what an expression is told of an event. All of it is there before the expression is evaluated."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from domain.event import Request


@dataclass(frozen=True, slots=True)
class Facts:
    """What an expression is told of an event.

    Attributes:
        request: what its sender sent.
        event: its id.
        event_type: the label that the event log shows.
        event_types: each type in the body, once.
        webhook: name of the webhook.
        sender: key of the webhook's sender.
        is_verified: whether something vouched for it.
        received_at: Unix ms.
    """

    request: Request
    event: str
    event_type: str
    event_types: tuple[str, ...]
    webhook: str
    sender: str
    is_verified: bool
    received_at: int

    def values(self) -> dict[str, Any]:
        """The variables that do not need the body, by name; see `domain.expression.language`."""
        return {
            "headers": self._headers(),
            "event.id": self.event,
            "event.type": self.event_type,
            "event.types": list(self.event_types),
            "event.webhook": self.webhook,
            "event.sender": self.sender,
            "event.verified": self.is_verified,
            "event.received_at": datetime.fromtimestamp(self.received_at / 1000, UTC),
        }

    def _headers(self) -> dict[str, str]:
        """Values by name, in ISO 8859-1; repeated ones are joined as in RFC 9110, section 5.3."""
        found: dict[str, str] = {}
        for raw_name, raw_value in self.request.headers:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            found[name] = f"{found[name]}, {value}" if name in found else value
        return found
