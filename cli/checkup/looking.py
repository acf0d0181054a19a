"""Looking: several looks at the same time, each for a few seconds at most."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Final

from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as TooLateError

from cli.checkup.row import Row, failed, unchecked
from domain.errors import FleetError

BOUND_S: Final = 10.0
"""Seconds after which nobody waits any more."""


@dataclass(frozen=True, slots=True)
class Look:
    """A part of a checkup.

    Attributes:
        name: what its row is called when it comes to no end.
        rows: looks, and says what it saw.
    """

    name: str
    rows: Callable[[], Sequence[Row]]


def look_at_all(looks: Sequence[Look], bound_s: float = BOUND_S) -> list[Row]:
    """What all looks saw, in their order. One that is not back in time, or breaks, is a row that failed."""
    done: SimpleQueue[tuple[int, list[Row]]] = SimpleQueue()

    def work(number: int, look: Look) -> None:
        done.put((number, _rows(look)))

    for number, look in enumerate(looks):
        # What hangs, in a name server for example, must not keep the command from its end.
        threading.Thread(target=work, args=(number, look), daemon=True).start()
    found: dict[int, list[Row]] = {}
    end = monotonic() + bound_s
    while len(found) < len(looks):
        try:
            number, rows = done.get(timeout=max(0.0, end - monotonic()))
        except Empty:
            break
        found[number] = rows
    late = {
        number: [
            failed(look.name, f"not known after {bound_s:g} seconds", "Try again; see what hangs there.")
        ]
        for number, look in enumerate(looks)
        if number not in found
    }
    return [row for number in range(len(looks)) for row in (found | late)[number]]


def _rows(look: Look) -> list[Row]:
    try:
        return list(look.rows())
    except (NoConnectionError, TooLateError):
        return [unchecked(look.name, "Redis does not answer")]
    except FleetError as error:
        return [failed(look.name, "cannot be looked at", str(error))]
    except RedisError as error:
        advice = (
            "See the log of Redis, and which user is in FLEET_REDIS_URL; the relay's may look at all this."
        )
        return [failed(look.name, f"Redis refuses ({type(error).__name__})", advice)]
    except Exception as error:  # noqa: BLE001 - one look that breaks must not hide what the others saw
        return [failed(look.name, f"broke off ({type(error).__name__})", "This is a bug of ours; report it.")]
