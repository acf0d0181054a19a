"""How much of its memory a Redis server uses."""

from typing import NamedTuple

from store.calls import Call, Reply, one


class Memory(NamedTuple):
    """The memory of a server.

    Attributes:
        used: bytes that it uses.
        most: its maxmemory in bytes; 0: it has no limit.
    """

    used: int
    most: int

    @property
    def share(self) -> float:
        """What is used as a share of what may be; 0 when there is no limit."""
        return self.used / self.most if self.most else 0.0


def memory() -> Call[Memory]:
    """The memory of the server."""

    def parse(reply: Reply) -> Memory:
        facts = dict(line.split(b":", 1) for line in reply.splitlines() if b":" in line)
        return Memory(int(facts[b"used_memory"]), int(facts[b"maxmemory"]))

    return one(("INFO", "memory"), parse)


def used_share() -> Call[float]:
    """Used memory as a share of maxmemory; 0 when the server has no limit."""
    return memory().then(lambda found: found.share)
