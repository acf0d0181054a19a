"""Git in the deployment: workers poll a server outside, pushes come to the receiver, commits to the subscriber."""

import http.client
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from domain.event import Request
from domain.senders import SENDERS, sign
from tests.deploy.compose import Compose, until
from tests.deploy.git_host import PORT, REPOSITORIES

POLLED, PUSHED = REPOSITORIES
SECRET = "what GitHub knows"
SOON_S = 20.0


def url_of(name: str) -> str:
    return f"http://git-host:{PORT}/{name}.git"


def manifest(kind: str, name: str, namespace: str, **fields: Any) -> str:
    api = {"GitRepo": "fleet.cattle.io/v1alpha1", "Secret": "v1"}[kind]
    return json.dumps(
        {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": namespace}, **fields}
    )


def commit(compose: Compose, name: str) -> str:
    return compose.execute("git-host", "python", "-m", "tests.deploy.git_host", name)


def announced(compose: Compose, name: str) -> str | None:
    """The commit that subscribers were last told of."""
    return json.loads(compose.fleet("repos", "show", name, "--json"))["status"]["commit"]


def until_announced(compose: Compose, name: str, head: str) -> None:
    until(lambda: announced(compose, name) == head, f"{name} at its head", SOON_S)


def push(compose: Compose, name: str, head: str) -> Any:
    """Post to the receiver what GitHub would say of a new head; its answer."""
    page = url_of(name).removesuffix(".git")
    body = json.dumps({"ref": "refs/heads/main", "after": head, "repository": {"html_url": page}}).encode()
    request = Request("POST", b"/", b"", ((b"x-github-event", b"push"),), body)
    signed = sign(SENDERS["github"], request, SECRET.encode(), time.time_ns() // 1_000_000)
    connection = http.client.HTTPConnection("127.0.0.1", compose.ingress_port, timeout=30)
    headers = {name.decode(): value.decode() for name, value in signed.headers}
    connection.request("POST", "/", signed.body, headers)
    response = connection.getresponse()
    told = json.loads(response.read())
    connection.close()
    return response.status, told


@pytest.fixture(scope="module")
def repos(compose: Compose, address: str) -> Iterator[dict[str, str]]:
    """Two repositories with a commit each: one is polled all the time, one reports its pushes."""
    del address
    heads = {name: commit(compose, name) for name in REPOSITORIES}
    described = [
        manifest("GitRepo", POLLED, "default", spec={"repo": url_of(POLLED), "pollingInterval": "1s"}),
        manifest("GitRepo", PUSHED, "default", spec={"repo": url_of(PUSHED), "pollingInterval": "24h"}),
        manifest("Secret", "gitjob-webhook", "cattle-fleet-system", stringData={"github": SECRET}),
    ]
    compose.fleet("apply", "-f", "-", said="\n---\n".join(described))
    for name, head in heads.items():
        until_announced(compose, name, head)
    yield heads
    for name in REPOSITORIES:
        compose.fleet("repos", "delete", name, "--yes")


def test_a_poll_and_a_push_bring_each_commit_to_the_subscriber(
    compose: Compose, repos: dict[str, str]
) -> None:
    for name, first in repos.items():
        head = commit(compose, name)
        if name == PUSHED:
            assert announced(compose, name) == first
            assert push(compose, name, head) == (
                200,
                {"matched": [f"default/{name}"], "updated": [f"default/{name}"], "ignored": []},
            )
        until_announced(compose, name, head)
    listed = json.loads(compose.fleet("events", "list", "--json"))["events"]
    commits = {event["id"] for event in listed if event["type"] == "git.commit"}
    assert len(commits) == 2 * len(REPOSITORIES)
    until(lambda: commits <= set(compose.arrived()), "every commit at the subscriber")


def test_a_git_worker_that_is_killed_comes_back_and_polls(compose: Compose, repos: dict[str, str]) -> None:
    del repos
    before = compose.restarts("git-worker")
    compose.kill("git-worker")
    head = commit(compose, POLLED)
    until(lambda: announced(compose, POLLED) == head, "the commit made meanwhile")
    assert compose.restarts("git-worker") > before
    until(lambda: "The ledger balances." in compose.fleet("audit"), "a balanced ledger")
