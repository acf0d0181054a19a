"""The Git servers that tests rely on behave as Git servers do."""

import urllib3
from dulwich.client import HttpGitClient

from tests.git_http import Update, git_http_server
from tests.git_push import ZERO, Pusher
from tests.git_repo import GitRepo


def test_a_push_over_http_moves_the_branch_and_runs_the_hook(tmp_path) -> None:
    repo = GitRepo(tmp_path / "app.git")
    heard: list[tuple[str, list[Update]]] = []
    with git_http_server(tmp_path) as server:
        server.users["ada"] = "secret"
        server.post_receive = lambda path, updates: heard.append((path, updates))
        pusher = Pusher(f"{server.url}/app.git", "ada", "secret")
        first = pusher.push()
        second = pusher.push("main")
        pusher.delete("refs/heads/main")
        pusher.close()
    assert [updates for path, updates in heard if path == "app.git"] == [
        [(ZERO, first, "refs/heads/main")],
        [(first, second, "refs/heads/main")],
        [(second, ZERO, "refs/heads/main")],
    ]
    with repo.open() as opened:
        assert b"refs/heads/main" not in opened.refs
        assert opened[second.encode()].parents == [first.encode()]


def test_both_versions_of_the_protocol_list_the_same(tmp_path) -> None:
    repo = GitRepo(tmp_path / "app.git")
    commit = repo.commit("grün/äste")
    repo.tag("v1", repo.commit(), annotated=True)
    repo.tag("light", commit)
    with git_http_server(tmp_path) as server:
        connections = urllib3.PoolManager()
        client = HttpGitClient(f"{server.url}/app.git", pool_manager=connections)
        found = [client.get_refs("", protocol_version=version) for version in (0, 2)]
        connections.clear()
    assert found[0].refs == found[1].refs
    assert found[0].symrefs == found[1].symrefs == {b"HEAD": b"refs/heads/main"}
    assert b"refs/tags/v1^{}" in found[0].refs
    assert found[0].refs["refs/heads/grün/äste".encode()] == commit.encode()
