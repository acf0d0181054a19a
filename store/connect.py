"""Connections to Redis, and the two executors of calls: one for synchronous code, one for asyncio."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, Protocol, TypeVar, cast

import hiredis
import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ConstantBackoff
from redis.exceptions import NoScriptError
from redis.retry import Retry

from domain.errors import RedisUnsuitableError
from store import scripts
from store.calls import Argument, Call, Command, Reply

T = TypeVar("T")

_SOCKET_TIMEOUT_S = 5.0
_LOOK_TIMEOUT_S = 2.0
_RETRY_PAUSE_S = 0.05
_POOL_WAIT_S = 5.0
_MAX_CONNECTIONS = 64


class _Pipeline(Protocol):
    def execute_command(self, *arguments: Argument) -> object: ...


class _SyncPipeline(_Pipeline, Protocol):
    def execute(self) -> Sequence[Reply]: ...


class _SyncClient(Protocol):
    """What we use of redis.Redis, whose own annotations leave the types of replies open."""

    def execute_command(self, *arguments: Argument) -> Reply: ...
    def pipeline(self, *, transaction: bool) -> AbstractContextManager[_SyncPipeline]: ...
    def close(self) -> None: ...


class _AsyncPipeline(_Pipeline, Protocol):
    async def execute(self) -> Sequence[Reply]: ...


class _AsyncClient(Protocol):
    """Likewise of redis.asyncio.Redis."""

    async def execute_command(self, *arguments: Argument) -> Reply: ...
    def pipeline(self, *, transaction: bool) -> AbstractAsyncContextManager[_AsyncPipeline]: ...
    async def aclose(self) -> None: ...


# Its annotation says a tuple of one; it takes any.
_pack = cast("Callable[[Command], bytes]", hiredis.pack_command)  # pyright: ignore[reportUnknownMemberType]


class _Packing:
    """Packs commands in C, as redis-py does for its synchronous connections only."""

    def pack_command(self, *arguments: Argument) -> list[bytes]:
        return [_pack(arguments)]

    def pack_commands(self, commands: Iterable[Command]) -> list[bytes]:
        return [_pack(command) for command in commands]


class SyncStore:
    """Carries out calls on a synchronous client."""

    def __init__(self, url: str, *, is_patient: bool = True) -> None:
        """A client that has not connected.

        Args:
            url: of Redis.
            is_patient: wait for a slow Redis, and ask twice. Whoever only looks has an answer sooner without.
        """
        client = redis.Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
            url,
            protocol=2,
            socket_timeout=_SOCKET_TIMEOUT_S if is_patient else _LOOK_TIMEOUT_S,
            retry=Retry(ConstantBackoff(_RETRY_PAUSE_S), 1 if is_patient else 0),
        )
        # Parsers stand beside the commands; redis-py's own would depend on its version and protocol.
        client.response_callbacks.clear()
        self.client = cast("_SyncClient", client)

    def run(self, call: Call[T]) -> T:
        """The result of a call.

        Raises:
            redis.exceptions.RedisError: Redis is away or refuses.
        """
        try:
            return call.parse(self._send(call))
        except NoScriptError:
            for script in scripts.every():
                self.client.execute_command("SCRIPT", "LOAD", script.source)
            return call.parse(self._send(call))

    def _send(self, call: Call[Any]) -> Sequence[Reply]:
        if len(call.commands) == 1:
            return [self.client.execute_command(*call.commands[0])]
        with self.client.pipeline(transaction=False) as pipeline:
            for command in call.commands:
                pipeline.execute_command(*command)
            return pipeline.execute()

    def close(self) -> None:
        """Give the connections back."""
        self.client.close()


class AsyncStore:
    """Carries out calls on an asyncio client."""

    def __init__(self, url: str) -> None:
        pool = redis.asyncio.BlockingConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType]
            url,
            protocol=2,
            max_connections=_MAX_CONNECTIONS,
            timeout=_POOL_WAIT_S,
            socket_timeout=_SOCKET_TIMEOUT_S,
            retry=AsyncRetry(ConstantBackoff(_RETRY_PAUSE_S), 1),
        )
        plain = pool.connection_class
        pool.connection_class = type(f"Packing{plain.__name__}", (_Packing, plain), {})
        self.client = redis.asyncio.Redis.from_pool(pool)
        self.client.response_callbacks.clear()
        self._commands = cast("_AsyncClient", self.client)

    async def run(self, call: Call[T]) -> T:
        """The result of a call.

        Raises:
            redis.exceptions.RedisError: Redis is away or refuses.
        """
        try:
            return call.parse(await self._send(call))
        except NoScriptError:
            for script in scripts.every():
                await self._commands.execute_command("SCRIPT", "LOAD", script.source)
            return call.parse(await self._send(call))

    async def _send(self, call: Call[Any]) -> Sequence[Reply]:
        if len(call.commands) == 1:
            return [await self._commands.execute_command(*call.commands[0])]
        async with self._commands.pipeline(transaction=False) as pipeline:
            for command in call.commands:
                pipeline.execute_command(*command)
            return await pipeline.execute()

    async def close(self) -> None:
        """Give the connections back."""
        await self._commands.aclose()


def refuse_unsuitable(info: bytes) -> None:
    """Check what a server says of itself (the reply of INFO).

    Raises:
        RedisUnsuitableError: it may evict keys or keeps no append-only file.
    """
    facts = dict(line.split(b":", 1) for line in info.splitlines() if b":" in line)
    policy = facts.get(b"maxmemory_policy", b"noeviction").decode()
    if policy != "noeviction":
        raise RedisUnsuitableError(
            f"Redis would evict events when it is full (maxmemory-policy {policy});"
            " set 'maxmemory-policy noeviction'."
        )
    if facts.get(b"aof_enabled") != b"1":
        raise RedisUnsuitableError(
            "Redis would forget accepted events when it stops (appendonly no); set 'appendonly yes'."
        )
    if facts.get(b"redis_mode", b"standalone") == b"cluster":
        raise RedisUnsuitableError("Redis Cluster is not supported; use a single primary.")


INFO: Call[None] = Call(
    (("INFO", "server"), ("INFO", "memory"), ("INFO", "persistence")),
    lambda replies: refuse_unsuitable(b"\n".join(replies)),
)
"""Asks a server what it is. Raises RedisUnsuitableError when it would lose what it was given."""
