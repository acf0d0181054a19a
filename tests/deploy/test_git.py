"""Git in the deployment: workers poll a server outside, pushes come to `/`, commits to the subscriber."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from cli.client import ControlApi
from domain.event import Request
from domain.senders import SENDERS, sign
from tests.deploy.compose import Compose, until
from tests.deploy.git_host import PORT, REPOSITORIES
from tests.system.stack import post

POLLED, PUSHED = REPOSITORIES
SECRET = "what GitHub knows"
SOON_S = 20.0


def url_of(name: str) -> str:
    return f"http://git-host:{PORT}/{name}.git"


def manifest(kind: str, namespace: str, name: str, **fields: Any) -> str:
    api = {"GitRepo": "fleet.cattle.io/v1alpha1", "Secret": "v1"}[kind]
    named = {"namespace": namespace, "name": name}
    return json.dumps({"apiVersion": api, "kind": kind, "metadata": named, **fields})


RESOURCES = (
    manifest("GitRepo", "default", POLLED, spec={"repo": url_of(POLLED), "pollingInterval": "1s"}),
    manifest("GitRepo", "default", PUSHED, spec={"repo": url_of(PUSHED), "pollingInterval": "24h"}),
    manifest("Secret", "cattle-fleet-system", "gitjob-webhook", stringData={"github": SECRET}),
)


@dataclass(frozen=True)
class Repos:
    """Two repositories: one is polled all the time, one reports its pushes."""

    compose: Compose
    api: ControlApi

    def commit(self, name: str) -> str:
        return self.compose.execute("git-host", "python", "-m", "tests.deploy.git_host", name)

    def announced(self, name: str) -> str | None:
        """The commit that subscribers were last told of."""
        return self.api.ask("GET", "repos", "default", name)["status"]["commit"]

    def until_announced(self, name: str, head: str) -> None:
        until(lambda: self.announced(name) == head, f"{name} at its head", SOON_S)

    def push(self, name: str, head: str) -> tuple[int, Any]:
        """Post to the receiver what GitHub says of a new head; its answer."""
        page = url_of(name).removesuffix(".git")
        said = {"ref": "refs/heads/main", "after": head, "repository": {"html_url": page}}
        request = Request("POST", b"/", b"", ((b"x-github-event", b"push"),), json.dumps(said).encode())
        signed = sign(SENDERS["github"], request, SECRET.encode(), time.time_ns() // 1_000_000)
        headers = {key.decode(): value.decode() for key, value in signed.headers}
        return post(f"{self.compose.doors}/", signed.body, headers)

    def commits_told(self) -> set[str]:
        """Ids of the events that tell of a commit."""
        listed = self.api.ask("GET", "events")["events"]
        return {event["id"] for event in listed if event["type"] == "git.commit"}


@pytest.fixture(scope="module")
def repos(compose: Compose, address: str) -> Iterator[Repos]:
    """With a first commit each, of which subscribers were told."""
    del address
    token = compose.execute("relay", "cat", "/run/fleet/token").strip()
    made = Repos(compose, ControlApi(f"http://127.0.0.1:{compose.relay_port}", token))
    heads = {name: made.commit(name) for name in REPOSITORIES}
    compose.fleet("apply", "-f", "-", said="\n---\n".join(RESOURCES))
    for name, head in heads.items():
        made.until_announced(name, head)
    yield made
    for name in REPOSITORIES:
        made.api.ask("DELETE", "repos", "default", name)


def test_a_poll_and_a_push_bring_each_commit_to_the_subscriber(repos: Repos) -> None:
    first = repos.announced(PUSHED)
    polled, pushed = repos.commit(POLLED), repos.commit(PUSHED)
    repos.until_announced(POLLED, polled)
    assert repos.announced(PUSHED) == first
    meant = [f"default/{PUSHED}"]
    assert repos.push(PUSHED, pushed) == (200, {"matched": meant, "updated": meant, "ignored": []})
    repos.until_announced(PUSHED, pushed)
    told = repos.commits_told()
    assert len(told) == 2 * len(REPOSITORIES)
    until(lambda: told <= set(repos.compose.arrived()), "every commit at the subscriber")


def test_a_git_worker_that_is_killed_comes_back_and_polls(repos: Repos) -> None:
    before = repos.compose.restarts("git-worker")
    repos.compose.kill("git-worker")
    head = repos.commit(POLLED)
    until(lambda: repos.announced(POLLED) == head, "the commit made meanwhile")
    assert repos.compose.restarts("git-worker") > before
