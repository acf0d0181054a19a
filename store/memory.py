"""How much of its memory a Redis server uses, and which version it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from store.calls import Call, Reply, one, text


@dataclass(frozen=True, slots=True)
class RedisFacts:
    """What a server says of itself.

    Attributes:
        version: its version, as "8.0.2"; of Valkey with its name, as "valkey 9.1.2".
        used_bytes: the memory that it uses.
        max_bytes: how much it may use; None when it has no limit.
    """

    version: str
    used_bytes: int
    max_bytes: int | None

    @property
    def share(self) -> float | None:
        """Used memory as a share of what it may use; None when it has no limit."""
        return self.used_bytes / self.max_bytes if self.max_bytes else None


def about_redis() -> Call[RedisFacts]:
    """What the server says of itself."""

    def parse(replies: Sequence[Reply]) -> RedisFacts:
        facts = _facts(b"\n".join(replies))
        return RedisFacts(_version(facts), int(facts[b"used_memory"]), int(facts[b"maxmemory"]) or None)

    return Call((("INFO", "server"), ("INFO", "memory")), parse)


def used_share() -> Call[float]:
    """Used memory as a share of maxmemory; 0 when the server has no limit."""

    def parse(reply: Reply) -> float:
        facts = _facts(reply)
        limit = int(facts[b"maxmemory"])
        return int(facts[b"used_memory"]) / limit if limit else 0.0

    return one(("INFO", "memory"), parse)


def _version(facts: Mapping[bytes, bytes]) -> str:
    # Valkey says of itself which Redis it can stand in for, too.
    valkey = facts.get(b"valkey_version")
    return f"valkey {text(valkey)}" if valkey else text(facts.get(b"redis_version"))


def _facts(reply: bytes) -> dict[bytes, bytes]:
    lines = (line.split(b":", 1) for line in reply.splitlines() if b":" in line)
    return {name: value.strip() for name, value in lines}
