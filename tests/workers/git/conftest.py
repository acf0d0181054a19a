"""A Git repository, servers that have it, and a way to them on loopback."""

from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from tests.git_asker import LOOPBACK, Asker
from tests.git_http import GitHttpServer, git_http_server
from tests.git_repo import GitRepo
from tests.git_ssh import GitSshServer, git_ssh_server
from workers.git.way import GitWay


@pytest.fixture
def way() -> Iterator[GitWay]:
    made = GitWay(targets=LOOPBACK)
    yield made
    made.close()


@pytest.fixture
def asker(way: GitWay) -> Asker:
    return Asker(way)


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    """An empty repository, at /app.git of the servers."""
    return GitRepo(tmp_path / "repos" / "app.git")


@pytest.fixture
def web(repo: GitRepo) -> Iterator[GitHttpServer]:
    with git_http_server(repo.path.parent) as server:
        yield server


@pytest.fixture
def key() -> paramiko.PKey:
    return paramiko.ECDSAKey.generate()


@pytest.fixture
def shell(repo: GitRepo, key: paramiko.PKey) -> Iterator[GitSshServer]:
    with git_ssh_server(repo.path.parent) as server:
        server.authorized.append(key)
        yield server
