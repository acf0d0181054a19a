"""How much of its memory a Redis server uses."""

from store.calls import Call, Reply, one


def used_share() -> Call[float]:
    """Used memory as a share of maxmemory; 0 when the server has no limit."""

    def parse(reply: Reply) -> float:
        facts = dict(line.split(b":", 1) for line in reply.splitlines() if b":" in line)
        limit = int(facts[b"maxmemory"])
        return int(facts[b"used_memory"]) / limit if limit else 0.0

    return one(("INFO", "memory"), parse)
