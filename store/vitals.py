"""Vitals: what else can be seen from Redis of how the whole server does."""

from store import keys
from store.calls import Call, one, text


def gateways() -> Call[list[str]]:
    """The ids of all gateways."""
    return one(("HVALS", keys.GATEWAYS), lambda reply: sorted(map(text, reply)))


def due() -> Call[tuple[int, int | None]]:
    """How many members the due-set has, and when the first is due, Unix ms; None when it is empty."""
    return Call(
        (("ZCARD", keys.DUE), ("ZRANGE", keys.DUE, 0, 0, "WITHSCORES")),
        lambda replies: (replies[0], round(float(replies[1][1])) if replies[1] else None),
    )
