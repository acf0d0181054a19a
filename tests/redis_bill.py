"""What a block of a test costs in Redis, itemised."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import redis
import redis.asyncio


@dataclass(frozen=True)
class Cost:
    """What was sent to Redis, and what Redis then did."""

    commands: int
    round_trips: int
    sent_bytes: int


@dataclass
class Bill:
    """The cost of a block, and which commands it consists of."""

    by_command: dict[str, int] = field(default_factory=dict)
    sends: list[int] = field(default_factory=list)

    @property
    def cost(self) -> Cost:
        return Cost(sum(self.by_command.values()), len(self.sends), sum(self.sends))

    def check(self, expected: Cost) -> None:
        """Exactly this, else say what it was spent on."""
        spent = ", ".join(f"{name} {calls}" for name, calls in sorted(self.by_command.items()))
        assert self.cost == expected, f"{self.cost}: {spent}"


class Meter:
    """Listens where redis-py sends: each send is a command or a pipeline, whose reply is then waited for."""

    def __init__(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self._server = redis.Redis.from_url(url)
        self._bill: Bill | None = None
        self._lock = threading.Lock()
        send = redis.connection.AbstractConnection.send_packed_command
        asend = redis.asyncio.connection.AbstractConnection.send_packed_command

        def heard(connection, command, **options):
            self._hear(command := [command] if isinstance(command, (bytes, str)) else list(command))
            return send(connection, command, **options)

        async def aheard(connection, command, **options):
            self._hear(command := [command] if isinstance(command, (bytes, str)) else list(command))
            return await asend(connection, command, **options)

        monkeypatch.setattr(redis.connection.AbstractConnection, "send_packed_command", heard)
        monkeypatch.setattr(redis.asyncio.connection.AbstractConnection, "send_packed_command", aheard)

    def _hear(self, chunks: list[bytes]) -> None:
        # The ingress asks for Redis' memory by the clock; that is nobody's event.
        if b"\r\nINFO\r\n" in chunks[0][:32]:
            return
        with self._lock:
            if self._bill is not None:
                self._bill.sends.append(sum(map(len, chunks)))

    @contextmanager
    def read(self) -> Iterator[Bill]:
        """The bill of a block."""
        bill = Bill()
        self._server.config_resetstat()
        self._bill = bill
        yield bill
        self._bill = None
        found = self._server.info("commandstats")
        bill.by_command |= {
            name.removeprefix("cmdstat_"): facts["calls"]
            for name, facts in found.items()
            if name not in {"cmdstat_info", "cmdstat_config|resetstat"}
        }

    def close(self) -> None:
        self._server.close()
