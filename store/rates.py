"""How much of its hour a webhook has spent."""

from collections.abc import Sequence
from dataclasses import dataclass

from store import keys
from store.calls import Call, Reply, together


@dataclass(frozen=True, slots=True)
class Rate:
    """The hour of a webhook.

    Attributes:
        used: events accepted in it.
        ends_at: when it ends, Unix ms; 0: none has begun, it begins with the next event.
    """

    used: int
    ends_at: int


def of(webhooks: Sequence[str]) -> Call[list[Rate]]:
    """The hours of webhooks."""

    def parse(replies: Sequence[Reply]) -> Rate:
        return Rate(int(replies[0] or 0), max(0, replies[1]))

    return together([Call((("GET", key), ("PEXPIRETIME", key)), parse) for key in map(keys.rate, webhooks)])
