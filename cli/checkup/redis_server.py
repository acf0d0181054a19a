"""Redis: whether it is there, keeps what it is given, and has room and the right time."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import TimeoutError as TooLateError

from cli.checkup.row import Row, failed, judged, well
from cli.surroundings import RedisAwayError
from config.settings import Settings
from store import server
from store.connect import SyncStore
from store.server import ServerFacts

OLDEST: Final = (7, 0)
"""The first version of Redis that knows what we ask of it: flags of scripts, rights by read and write."""

_MIB: Final = 1024 * 1024
_MOST_OFF_MS: Final = 2000
_LOG: Final = "The log of Redis says why; often its disk is full."


def rows(store: SyncStore, settings: Settings, clock_ms: Callable[[], int]) -> Iterator[Row]:
    """What can be said of the server; one row alone when it does not answer."""
    began, begun_ms = time.perf_counter(), clock_ms()
    try:
        found = store.run(server.facts())
    except AuthenticationError:
        yield failed("redis", "refuses us", "Correct user and password in FLEET_REDIS_URL.")
        return
    except (NoConnectionError, TooLateError, OSError):
        yield failed("redis", "does not answer", str(RedisAwayError(settings)))
        return
    took_ms = (time.perf_counter() - began) * 1000
    yield _standing(found, took_ms)
    yield _version(found)
    yield _eviction(found)
    yield _on_disk(found, _appendfsync(store))
    yield _clock(found, begun_ms + round(took_ms / 2))
    yield _memory(found, settings.redis_high_water)


def _standing(found: ServerFacts, took_ms: float) -> Row:
    advice = ""
    if found.is_cluster:
        advice = "Redis Cluster is not supported; use a single primary."
    elif not found.is_primary:
        advice = "It is a replica and takes no writes; let FLEET_REDIS_URL lead to the primary."
    return judged("redis", f"answers in {took_ms:.1f} ms", advice)


def _version(found: ServerFacts) -> Row:
    try:
        numbers = tuple(int(part) for part in found.speaks.split(".")[:2])
    except ValueError:
        numbers = (0,)
    named = f"{found.name} {found.version}"
    oldest = ".".join(map(str, OLDEST))
    return judged("redis version", named, "" if numbers >= OLDEST else f"It has to be {oldest} or newer.")


def _eviction(found: ServerFacts) -> Row:
    advice = "It would drop events when it is full; set 'maxmemory-policy noeviction'."
    return judged("redis eviction", found.policy, "" if found.policy == "noeviction" else advice)


def _appendfsync(store: SyncStore) -> str:
    """When a write is on disk; "" when this user may not ask, or nobody may."""
    try:
        return store.run(server.appendfsync())
    except (RedisError, IndexError):
        return ""


def _on_disk(found: ServerFacts, appendfsync: str) -> Row:
    if not found.keeps_file:
        return failed(
            "redis on disk",
            "appendonly no",
            "It would forget accepted events when it stops; set 'appendonly yes' and 'appendfsync always'.",
        )
    finding = f"appendfsync {appendfsync or 'not told'}"
    if not found.file_is_well:
        return failed("redis on disk", f"{finding}, last write failed", _LOG)
    if appendfsync == "no":
        return failed("redis on disk", finding, "A crash may lose half a minute; set 'appendfsync always'.")
    weaker = ", may lose a second" if appendfsync == "everysec" else ", last write ok"
    return well("redis on disk", f"{finding}{weaker}")


def _clock(found: ServerFacts, here_ms: int) -> Row:
    off_ms = here_ms - found.now_ms
    if abs(off_ms) <= _MOST_OFF_MS:
        return well("clock", f"within {max(1, abs(off_ms))} ms of that of Redis")
    way = "ahead of" if off_ms > 0 else "behind"
    return failed(
        "clock",
        f"this machine is {abs(off_ms) / 1000:.1f} s {way} Redis",
        "Deadlines and signatures are judged by these clocks; let NTP set both ('timedatectl' shows it).",
    )


def _memory(found: ServerFacts, high_water: float) -> Row:
    used = f"{found.used_bytes / _MIB:.1f} MiB used"
    if found.max_bytes is None:
        return well("redis memory", f"{used}, no maxmemory is set")
    share = found.used_bytes / found.max_bytes
    advice = (
        f"Above {high_water:.0%} new events get 503: see with 'fleet status' what waits, let it be delivered,"
        " or raise maxmemory."
    )
    return judged(
        "redis memory",
        f"{share:.0%} of {found.max_bytes / _MIB:.0f} MiB",
        advice if share >= high_water else "",
    )
