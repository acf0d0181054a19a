"""An outbox: what waits to be written to a connection, in as few frames as possible."""

from typing import Final

from relay.tunnel.codec import encode
from relay.tunnel.messages import MAX_HOLDING, MAX_ITEMS, Message, Progress, Results, Settled

MAX_WAITING: Final = 4 * MAX_HOLDING
"""What may wait for a connector that does not read. One that comes back with much to say needs half of it."""


class Outbox:
    """Messages in the order they are to be sent; neighbours of a kind that holds several items join."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._waiting = 0

    def __len__(self) -> int:
        """How many results, confirmations and other messages wait."""
        return self._waiting

    def put(self, message: Message) -> None:
        """Add a message at the end."""
        self._waiting += len(message.items) if isinstance(message, Results | Progress | Settled) else 1
        joined = _joined(self._messages[-1], message) if self._messages else None
        if joined is None:
            self._messages.append(message)
        else:
            self._messages[-1] = joined

    def frames(self) -> list[str | bytes]:
        """Everything that waits, as frames; afterwards nothing waits."""
        messages, self._messages, self._waiting = self._messages, [], 0
        return [encode(message) for message in messages]


def _joined(last: Message, message: Message) -> Message | None:
    match last, message:
        case Results(first), Results(second) if len(first) + len(second) <= MAX_ITEMS:
            return Results(first + second)
        case Progress(first), Progress(second) if len(first) + len(second) <= MAX_ITEMS:
            return Progress(first + second)
        case Settled(first), Settled(second) if len(first) + len(second) <= MAX_ITEMS:
            return Settled(first + second)
        case _:
            return None
