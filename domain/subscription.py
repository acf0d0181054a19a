"""A subscription: webhooks and a filter, tied to a named target on the private side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from domain.delivery import LONGEST_ATTEMPT_S
from domain.errors import InvalidInputError
from domain.ids import is_id
from domain.passed_over import Because

MAX_FILTERS: Final = 20
MAX_FILTER_CHARS: Final = 100
DEFAULT_TIMEOUT_S: Final = 30
MAX_TIMEOUT_S: Final = LONGEST_ATTEMPT_S
MAX_LINGER_S: Final = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who wants which events.

    Attributes:
        id: its id.
        gateway: the Gateway ID that owns it.
        name: unique within the gateway; the connector maps it to a local target.
        webhooks: ids of the webhooks it listens to.
        event_types: shell-style globs over the event type; one that matches suffices. Empty: every event.
        timeout_s: how long one attempt may take, in seconds; one that says that it works: be silent.
        created_at: Unix time in milliseconds.
        senders: keys of the senders whose events it wants. Empty: of every sender.
        expression: what an event has to fulfil besides, in CEL, see `domain.expression`; "": nothing.
        linger_s: how long it stays when no tunnel serves it, in seconds; 0: until it is removed.
    """

    id: str
    gateway: str
    name: str
    webhooks: tuple[str, ...]
    event_types: tuple[str, ...]
    timeout_s: int
    created_at: int
    senders: tuple[str, ...] = ()
    expression: str = ""
    linger_s: int = 0

    def misses(self, event_types: Sequence[str], sender: str) -> Because | None:
        """What of its filter an event does not pass, the expression left aside; None: it passes.

        Args:
            event_types: those of the event; one that the filter wants is enough.
            sender: key of the sender.
        """
        if self.event_types and not any(map(self.wants, event_types or ("",))):
            return Because.EVENT_TYPE
        return Because.SENDER if self.senders and sender not in self.senders else None

    def wants(self, event_type: str) -> bool:
        """Whether an event of this type is asked for. Case matters, as it does to senders."""
        return not self.event_types or any(fnmatchcase(event_type, glob) for glob in self.event_types)


def checked_event_types(globs: tuple[str, ...]) -> tuple[str, ...]:
    """The filter itself when it is within bounds.

    Raises:
        InvalidInputError: too many globs, or one that is empty or too long.
    """
    if len(globs) > MAX_FILTERS:
        raise InvalidInputError("events", f"At most {MAX_FILTERS} event filters are allowed.")
    for glob in globs:
        if not 0 < len(glob) <= MAX_FILTER_CHARS:
            raise InvalidInputError("events", f"An event filter has 1 to {MAX_FILTER_CHARS} characters.")
    return globs


def heard(webhooks: Iterable[str]) -> list[str]:
    """Names of the webhooks that a subscription hears; none: it hears nothing any more.

    Args:
        webhooks: as the control API tells them: a webhook by its name, a deleted one by its id.
    """
    return [each for each in webhooks if not is_id("whk", each)]
