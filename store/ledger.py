"""The ledger in Redis: what was counted, and what is really there."""

from collections.abc import Sequence

from domain.delivery import IN_FLIGHT
from domain.event import EventState
from domain.ledger import Census
from store import keys
from store.calls import Call, Reply, one, pairs, text

_SCAN_COUNT = 1000
_IN_FLIGHT = {state.encode() for state in IN_FLIGHT}


def counts(gateway: str) -> Call[dict[str, int]]:
    """The ledger of a gateway: what -> how many."""
    return one(
        ("HGETALL", keys.counts(gateway)),
        lambda reply: {name: int(number) for name, number in pairs(reply).items()},
    )


def scan(cursor: int, *, of_deliveries: bool) -> Call[tuple[int, list[str]]]:
    """Some keys of events or deliveries, and the cursor to go on with; 0 at the end (as SCAN)."""
    pattern = keys.delivery("*") if of_deliveries else keys.event("*")
    return one(
        ("SCAN", cursor, "MATCH", pattern, "COUNT", _SCAN_COUNT),
        lambda reply: (int(reply[0]), [text(key) for key in reply[1]]),
    )


def census(found: Sequence[str], *, of_deliveries: bool) -> Call[dict[str, Census]]:
    """What these keys contribute to the census of each gateway."""

    def parse(replies: Sequence[Reply]) -> dict[str, Census]:
        total: dict[str, Census] = {}
        for gateway, state in replies:
            if gateway is not None:
                total[text(gateway)] = total.get(text(gateway), Census()) + _one(state, of_deliveries)
        return total

    return Call(tuple(("HMGET", key, "gateway", "state") for key in found), parse)


def _one(state: bytes, of_deliveries: bool) -> Census:  # noqa: FBT001 - private, named at both callers
    if of_deliveries:
        return Census(in_flight=int(state in _IN_FLIGHT))
    return Census(waiting=int(state == EventState.WAITING.encode()))
