"""The ledger in Redis: what was counted, and what is really there."""

from collections.abc import Iterable, Sequence

from domain.delivery import IN_FLIGHT
from domain.event import EventState
from domain.ledger import Census
from store import keys
from store.calls import Call, Command, Reply, one, pairs, text

_SCAN_COUNT = 1000
_IN_FLIGHT = {state.encode() for state in IN_FLIGHT}
_WAITING = EventState.WAITING.encode()


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
    return _of_deliveries(found) if of_deliveries else _of_events(found)


def _of_deliveries(found: Sequence[str]) -> Call[dict[str, Census]]:
    def parse(replies: Sequence[Reply]) -> dict[str, Census]:
        return _sums((gateway, Census(in_flight=int(state in _IN_FLIGHT))) for gateway, state in replies)

    return Call(tuple(("HMGET", key, "gateway", "state") for key in found), parse)


def _of_events(found: Sequence[str]) -> Call[dict[str, Census]]:
    """The bodies are looked at themselves: what is counted as stored has to be there."""
    commands: list[Command] = []
    for key in found:
        body = keys.body(key.removeprefix(keys.event("")))
        commands += (("HMGET", key, "gateway", "state"), ("STRLEN", body))

    def parse(replies: Sequence[Reply]) -> dict[str, Census]:
        return _sums(
            (gateway, Census(int(state == _WAITING), 0, int(size > 0), size))
            for (gateway, state), size in zip(replies[::2], replies[1::2], strict=True)
        )

    return Call(tuple(commands), parse)


def _sums(parts: Iterable[tuple[bytes | None, Census]]) -> dict[str, Census]:
    total: dict[str, Census] = {}
    for gateway, part in parts:
        if gateway is not None:
            total[text(gateway)] = total.get(text(gateway), Census()) + part
    return total
