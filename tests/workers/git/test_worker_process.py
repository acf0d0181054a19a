"""`fleet run worker git`: a process of its own, that makes polls and ends when it is asked to."""

import os
import signal
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko
import pytest

from cli.stack import fleet
from store.keyring import FOLDER
from tests.git_asker import written
from tests.git_http import GitHttpServer
from tests.git_receiver import Place, place_in
from tests.git_repo import GitRepo
from tests.git_worker import credentials
from tests.odd_server import odd_server
from tests.public_door import RING, now_ms, public_door

SOON_S = 10
WAIT_S = 20


@pytest.fixture
def place(redis_url: str) -> Iterator[Place]:
    with public_door(redis_url) as door:
        yield place_in(door)


@contextmanager
def worker(redis_url: str, folder: Path, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """A worker that writes its log into `folder`."""
    keys = folder / "secrets" / FOLDER
    keys.mkdir(parents=True, exist_ok=True)
    for name, key in RING.keys.items():
        (keys / f"{name.hex()}.key").write_bytes(b64encode(key))
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("FLEET_")},
        "FLEET_REDIS_URL": redis_url,
        "FLEET_STATE_DIR": str(folder),
        "FLEET_GIT_TARGETS": "loopback",
        "FLEET_LOG_FORMAT": "json",
        "HOME": "/nonexistent",
        **settings,
    }
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(fleet("run", "worker", "git"), env=env, stderr=log, text=True)  # noqa: S603
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_it_makes_polls_and_ends_when_idle(
    place: Place, repo: GitRepo, web: GitHttpServer, redis_url: str, tmp_path: Path
) -> None:
    head = repo.commit()
    place.repo(url=f"{web.url}/app.git")
    with worker(redis_url, tmp_path) as process:
        until(lambda: place.status().commit == head)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SOON_S) == 0
    assert "git_commit" in (tmp_path / "log").read_text()


@pytest.mark.parametrize(("threads", "polls", "left"), [("1", 1, 2), ("8", 4, 0)])
def test_it_ends_soon_while_polls_hang_and_leaves_them_to_others(
    place: Place, redis_url: str, tmp_path: Path, threads: str, polls: int, left: int
) -> None:
    """Also when its job waits for a thread, and others wait for that job."""
    execute = place.door.store.client.execute_command
    with odd_server(lambda server: server.say()) as server:
        ids = [
            place.repo(f"infra/app-{number}", url=f"http://127.0.0.1:{server.port}/x") for number in range(4)
        ]
        with worker(redis_url, tmp_path, FLEET_GIT_THREADS=threads) as process:
            # What RQ has taken and not begun would be lost to the sweeper's net.
            wanted = [polls, left, 0]
            queues = ("rq:queue:git", "rq:queue:git:intermediate")
            until(lambda: [server.connections, *(execute("LLEN", each) for each in queues)] == wanted)
            asked = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(SOON_S) == 0
            assert time.monotonic() - asked < SOON_S
    assert {execute("HGET", f"fleet:repo:{each}", "poll") for each in ids} <= {b"", None}
    due = [float(at) for at in execute("ZMSCORE", "fleet:due", *[f"g:{each}" for each in ids])]
    assert sum(at <= now_ms() for at in due) == len(ids) - left
    assert [place.status(f"infra/app-{number}").error for number in range(4)] == [""] * 4


def test_its_log_is_its_own(place: Place, redis_url: str, tmp_path: Path) -> None:
    """What paramiko would say of a connection that fails, with a traceback, is said in a sentence."""
    key = written(paramiko.ECDSAKey.generate())
    credentials(place, "infra/gitcredential", "kubernetes.io/ssh-auth", ssh__privatekey=key)
    with odd_server(lambda _: lambda line: line.sendall(b"no ssh\r\n")) as server:
        place.repo(url=f"ssh://127.0.0.1:{server.port}/x")
        with worker(redis_url, tmp_path, FLEET_LOG_LEVEL="debug") as process:
            until(lambda: place.status().error)
            process.send_signal(signal.SIGTERM)
            assert process.wait(SOON_S) == 0
    log = (tmp_path / "log").read_text()
    assert "git_poll_failed" in log
    assert "Traceback" not in log
    assert "PRIVATE KEY" not in log
