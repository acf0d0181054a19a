"""What a Redis server says of itself: whether it keeps what it is given, and how it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from store.calls import Call, Reply, one, text


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a server is and how it is.

    Attributes:
        name: `Redis` or `Valkey`.
        version: its own version, as "8.0.2".
        speaks: the version of Redis that it is, or stands in for.
        is_primary: whether it takes writes of its own.
        is_cluster: whether it is part of a Redis Cluster.
        policy: what it does when it is full (`maxmemory-policy`).
        keeps_file: whether it writes an append-only file.
        file_is_well: whether the last write to that, and its last rewriting, went well.
        used_bytes: the memory that it uses.
        max_bytes: how much it may use; None: as much as there is.
        now_ms: its clock, Unix ms.
    """

    name: str
    version: str
    speaks: str
    is_primary: bool
    is_cluster: bool
    policy: str
    keeps_file: bool
    file_is_well: bool
    used_bytes: int
    max_bytes: int | None
    now_ms: int


def facts() -> Call[ServerFacts]:
    """Ask a server what it is."""
    sections = ("server", "replication", "memory", "persistence")
    return Call((*(("INFO", section) for section in sections), ("TIME",)), _facts)


def appendfsync() -> Call[str]:
    """When it has a write on disk: `always`, `everysec` or `no`. Few users may ask this."""
    return one(("CONFIG", "GET", "appendfsync"), lambda reply: text(reply[1]))


def _facts(replies: Sequence[Reply]) -> ServerFacts:
    found = _lines(b"\n".join(replies[:-1]))
    seconds, microseconds = map(int, replies[-1])
    is_valkey = "valkey_version" in found
    speaks = found.get("redis_version", "0")
    return ServerFacts(
        name="Valkey" if is_valkey else "Redis",
        version=found["valkey_version"] if is_valkey else speaks,
        speaks=speaks,
        is_primary=found.get("role", "master") == "master",
        is_cluster=found.get("redis_mode") == "cluster",
        policy=found.get("maxmemory_policy", "noeviction"),
        keeps_file=found.get("aof_enabled") == "1",
        file_is_well=_is_well(found),
        used_bytes=int(found["used_memory"]),
        max_bytes=int(found["maxmemory"]) or None,
        now_ms=seconds * 1000 + microseconds // 1000,
    )


def _is_well(found: Mapping[str, str]) -> bool:
    wells = ("aof_last_write_status", "aof_last_bgrewrite_status")
    return all(found.get(name, "ok") == "ok" for name in wells)


def _lines(info: bytes) -> dict[str, str]:
    pairs = (line.split(b":", 1) for line in info.splitlines() if b":" in line)
    return {text(name): text(value.strip()) for name, value in pairs}
