"""Answers that are given again: what was asked once under a key of the caller's, sealed, for a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.errors import FleetError
from store.calls import Call, Reply, one
from store.scripts import load

KEPT_MS: Final = 24 * 3_600_000
"""For how long an answer is given again, in milliseconds."""

RUN_MS: Final = 60_000
"""After this time without an end a run counts as lost, and the key is free again, in milliseconds."""

MOST: Final = 2000
"""How many keys a gateway may have used in a day."""


class KeyReusedError(FleetError):
    """The key of a request belongs to another one."""

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was sent with another request in the last 24 hours; every new request needs"
            " a key of its own."
        )


class StillUnderWayError(FleetError):
    """The same request is being answered."""

    def __init__(self) -> None:
        super().__init__("A request with this Idempotency-Key is under way; ask again in a moment.")


class TooManyKeysError(FleetError):
    """The gateway has used up the keys of a day."""

    def __init__(self) -> None:
        super().__init__(
            f"This gateway has used {MOST} idempotency keys in a day; ask without one, or tomorrow."
        )


_HINDRANCES: Final[Mapping[bytes, type[FleetError]]] = {
    b"reused": KeyReusedError,
    b"under_way": StillUnderWayError,
    b"full": TooManyKeysError,
}


@dataclass(frozen=True, slots=True)
class Run:
    """Something that is to be done once.

    Attributes:
        gateway: who asks.
        key: SHA-256 of the key that the caller chose.
        asked: SHA-256 of what is asked under it.
        mark: fresh for each try.
    """

    gateway: str
    key: str
    asked: str
    mark: str


def begin(run: Run, now_ms: int) -> Call[bytes | None]:
    """Begin a run: None, or the sealed answer when it has ended before.

    Raises:
        KeyReusedError: the key was for something else (when the reply is parsed, as below).
        StillUnderWayError: another run is under way.
        TooManyKeysError: the gateway has used too many keys.
    """

    def parse(reply: Reply) -> bytes | None:
        if isinstance(reply, list):
            return bytes(reply[0])  # pyright: ignore[reportUnknownArgumentType] - Redis says what it is
        if hindrance := _HINDRANCES.get(reply):
            raise hindrance
        return None

    command = load("begin_answer").command(run.gateway, run.key, run.asked, run.mark, now_ms, RUN_MS, MOST)
    return one(command, parse)


def end(run: Run, sealed: bytes, now_ms: int) -> Call[bool]:
    """End a run with its sealed answer; b"": nothing was done, and the key is free again."""
    command = load("end_answer").command(run.gateway, run.key, run.mark, now_ms + KEPT_MS, sealed)
    return one(command, bool)
