"""Polls as jobs: from what an owner applied, over a real worker and a real Git server, to the event."""

import json
import os
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import paramiko
import pytest
from structlog.testing import capture_logs

from domain.envelope import unpack
from domain.event import Request
from store import polls, repos
from store.polls import PollLimits
from store.sealing import KeyRing, event_place
from tests.git_asker import LOOPBACK, written
from tests.git_http import GitHttpServer, git_http_server
from tests.git_receiver import Place, fresh, place_in
from tests.git_repo import GitRepo
from tests.git_ssh import GitSshServer
from tests.git_worker import credentials, git_context, make_polls
from tests.odd_server import odd_server
from tests.public_door import PublicDoor, now_ms, public_door
from workers.git import heads
from workers.git.context import current, installed
from workers.git.jobs import poll
from workers.git.pool import Pool
from workers.git.sealing import SharedSealer
from workers.git.way import GitWay
from workers.worker import work


@pytest.fixture
def door(redis_url: str) -> Iterator[PublicDoor]:
    with public_door(redis_url) as open_door:
        yield open_door


@pytest.fixture
def place(door: PublicDoor) -> Place:
    return place_in(door)


def announced(place: Place) -> list[dict[str, Any]]:
    """What the events tell of commits, the oldest first."""
    execute = place.door.store.client.execute_command
    found = sorted(key.decode() for key in execute("KEYS", "fleet:event:*"))
    told = [
        key.removeprefix("fleet:event:") for key in found if execute("HGET", key, "type") == b"git.commit"
    ]
    return [json.loads(request_of(place, event).body) for event in told]


def request_of(place: Place, event: str) -> Request:
    sealed = place.door.store.client.execute_command("GET", f"fleet:body:{event}")
    return unpack(place.door.sealer.open(sealed, event_place(place.gateway, "whk_git-gw_1", event)))


def due_now(place: Place) -> None:
    """Let everything that is due some time be polled now."""
    for name in place.door.store.client.execute_command("HKEYS", f"fleet:repos:{place.gateway}"):
        sync = repos.sync(place.gateway, name.decode(), fresh("job"), now_ms())
        assert place.door.store.run(sync)


def test_a_new_head_becomes_an_event_and_a_known_one_does_not(
    place: Place, repo: GitRepo, web: GitHttpServer, redis_url: str
) -> None:
    first = repo.commit()
    place.repo(url=f"{web.url}/app.git")
    before = now_ms()
    make_polls(redis_url)
    [told] = announced(place)
    at = datetime.fromisoformat(told.pop("at"))
    assert before <= at.astimezone(UTC).timestamp() * 1000 <= now_ms()
    assert told == {
        "type": "git.commit",
        "repo": "infra/app",
        "url": f"{web.url}/app.git",
        "branch": "main",
        "commit": first,
        "previous": None,
        "source": "polling",
    }
    status = place.status()
    assert (status.commit, status.polling_commit, status.branch, status.error) == (first, first, "main", "")
    due_now(place)
    make_polls(redis_url)
    assert len(announced(place)) == 1
    second = repo.commit()
    due_now(place)
    make_polls(redis_url)
    assert [(told["commit"], told["previous"]) for told in announced(place)] == [
        (first, None),
        (second, first),
    ]


def test_the_event_is_a_request_like_any_other(
    place: Place, repo: GitRepo, web: GitHttpServer, redis_url: str
) -> None:
    repo.commit()
    place.repo(url=f"{web.url}/app.git")
    make_polls(redis_url)
    [key] = place.door.store.client.execute_command("KEYS", "fleet:event:*")
    request = request_of(place, key.decode().removeprefix("fleet:event:"))
    assert (request.method, request.path, request.query) == ("POST", b"", b"")
    assert request.header(b"content-type") == b"application/json"


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"branch": "äste/1"}, {"branch": "äste/1"}),
        ({"revision": "v1"}, {"tag": "v1"}),
        ({"revision": "ab" * 20}, {"revision": "ab" * 20}),
        ({}, {"branch": None}),
    ],
)
def test_the_event_says_what_was_looked_at(
    place: Place,
    repo: GitRepo,
    web: GitHttpServer,
    redis_url: str,
    spec: dict[str, str],
    said: dict[str, Any],
) -> None:
    commit = repo.commit("äste/1")
    repo.tag("v1", commit, annotated=True)
    repo.detach_head(commit)
    place.repo(url=f"{web.url}/app.git", **spec)
    make_polls(redis_url)
    [told] = announced(place)
    assert {name: told[name] for name in ("branch", "tag", "revision") if name in told} == said
    assert told["commit"] == (spec["revision"] if "revision" in said else commit)


def test_a_push_is_named_as_the_source(
    place: Place, repo: GitRepo, web: GitHttpServer, redis_url: str
) -> None:
    first = repo.commit()
    repo_id = place.repo(url=f"{web.url}/app.git")
    make_polls(redis_url)
    second = repo.commit()
    push = polls.note_push(place.gateway, repo_id, second, first, fresh("job"), now_ms(), is_proven=True)
    assert place.door.store.run(push) == "triggered"
    make_polls(redis_url)
    assert [told["source"] for told in announced(place)] == ["polling", "webhook"]


def test_credentials_in_the_url_are_used_and_told_nobody(
    place: Place, repo: GitRepo, web: GitHttpServer, redis_url: str
) -> None:
    repo.commit()
    web.users["ada"] = "hunter2"
    place.repo(url=f"http://ada:hunter2@127.0.0.1:{web.port}/app.git")
    with capture_logs() as logs:
        make_polls(redis_url)
        web.users["ada"] = "changed"
        due_now(place)
        make_polls(redis_url)
    [told] = announced(place)
    assert told["url"] == f"{web.url}/app.git"
    assert "refuses the credentials of the URL in `repo`" in place.status().error
    assert "hunter2" not in json.dumps([told, logs, place.status().error])


def test_a_secret_opens_the_server(place: Place, repo: GitRepo, web: GitHttpServer, redis_url: str) -> None:
    head = repo.commit()
    web.users["ada"] = "secret"
    place.repo(url=f"{web.url}/app.git", client_secret="ada")
    make_polls(redis_url)
    assert "There is no Secret infra/ada, which clientSecretName names" in place.status().error
    for data, said in (
        ({}, "Secret infra/ada is empty"),
        ({"username": b"ada", "password": b"wrong"}, "refuses the credentials of Secret infra/ada"),
        ({"username": b"ada", "password": b"\xff"}, "password is no text"),
        ({"username": b"ada\n", "password": b"secret\n"}, ""),
    ):
        credentials(place, "infra/ada", "kubernetes.io/basic-auth", **data)
        due_now(place)
        make_polls(redis_url)
        assert said in place.status().error
    assert (place.status().error, place.status().commit) == ("", head)
    credentials(place, "infra/ada", "Opaque", username=b"ada", password=b"secret")
    due_now(place)
    make_polls(redis_url)
    assert "its type must be kubernetes.io/basic-auth or kubernetes.io/ssh-auth" in place.status().error


def test_a_namespace_may_have_credentials_for_all_its_repos(
    place: Place, repo: GitRepo, shell: GitSshServer, key: paramiko.PKey, redis_url: str
) -> None:
    head = repo.commit()
    place.repo(url=f"{shell.url}/app.git")
    make_polls(redis_url)
    assert "ssh needs a key" in place.status().error
    credentials(place, "infra/gitcredential", "kubernetes.io/ssh-auth")
    due_now(place)
    make_polls(redis_url)
    assert (
        place.status().error == "Secret infra/gitcredential has no ssh-privatekey; put the private key there."
    )
    data = {"ssh__privatekey": written(key), "known_hosts": shell.known_hosts.encode()}
    credentials(place, "infra/gitcredential", "kubernetes.io/ssh-auth", **data)
    due_now(place)
    make_polls(redis_url)
    assert (place.status().error, place.status().commit) == ("", head)


def test_a_failure_is_told_once_and_so_is_its_end(
    place: Place, repo: GitRepo, web: GitHttpServer, redis_url: str
) -> None:
    head = repo.commit()
    place.repo(url=f"{web.url}/app.git")
    make_polls(redis_url)

    def logged(status: int | None) -> list[tuple[str, str | None]]:
        web.instead = lambda _: None if status is None else (status, {}, b"")
        due_now(place)
        with capture_logs() as logs:
            make_polls(redis_url)
        return [(each["event"], each.get("error")) for each in logs if each["event"].startswith("git_")]

    [(event, error)] = logged(500)
    assert event == "git_poll_failed"
    assert error == place.status().error == "127.0.0.1 is in trouble (status 500); it is asked again later."
    assert logged(500) == []
    assert [event for event, _ in logged(404)] == ["git_poll_failed"]
    assert [event for event, _ in logged(None)] == ["git_poll_recovered"]
    assert logged(None) == []
    assert (place.status().error, place.status().commit) == ("", head)
    assert len(announced(place)) == 1


def test_a_name_that_git_refuses_is_a_failure_of_the_repo(place: Place, redis_url: str) -> None:
    place.repo(url="https://git.example/infra/app", revision="no such\nthing")
    make_polls(redis_url)
    assert "can be the name of no branch" in place.status().error


def test_a_poll_that_crashes_is_said_and_pauses(
    place: Place, web: GitHttpServer, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError("the payload")

    monkeypatch.setattr(heads, "resolve", crash)
    place.repo(url=f"{web.url}/app.git")
    with capture_logs() as logs:
        make_polls(redis_url)
    assert place.status().error == "The poll crashed; the log of the gateway says more."
    assert ("git_poll_crashed", "ZeroDivisionError") in [(each["event"], each.get("error")) for each in logs]
    assert "payload" not in json.dumps(logs, default=str)


def test_without_a_receiver_the_head_waits_for_one(
    door: PublicDoor, repo: GitRepo, web: GitHttpServer, redis_url: str
) -> None:
    head = repo.commit()
    place = Place(door, "gw_1", "")
    place.repo(url=f"{web.url}/app.git")
    with capture_logs() as logs:
        make_polls(redis_url)
        due_now(place)
        make_polls(redis_url)
    status = place.status()
    assert (status.commit, status.polling_commit, status.warning) == ("", head, "no_receiver")
    told = [each for each in logs if each["event"] == "git_commit_waits"]
    assert [(each["why"], each["commit"]) for each in told] == [("no_receiver", head)]
    place_in(door)
    due_now(place)
    make_polls(redis_url)
    assert [each["commit"] for each in announced(place)] == [head]


def test_many_repos_are_polled_side_by_side(place: Place, repo: GitRepo, redis_url: str) -> None:
    """All wait for the last of them; one after the other none would come to an end."""
    repo.commit()
    together = threading.Barrier(8)
    with git_http_server(repo.path.parent) as server:
        server.versions = frozenset({0})

        def meet(_: object) -> None:
            together.wait(20)

        server.instead = meet
        for number in range(8):
            place.repo(f"infra/app-{number}", url=f"{server.url}/app.git")
        make_polls(redis_url, pool=Pool(8))
    assert len(announced(place)) == 8


def test_what_the_pool_cannot_take_goes_back(
    place: Place, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.git.jobs._PATIENCE_S", 0.1)
    with odd_server(lambda server: server.say()) as server:
        ids = [
            place.repo(f"infra/app-{number}", url=f"http://127.0.0.1:{server.port}/x") for number in range(3)
        ]
        with git_context(redis_url, pool=Pool(1)) as context, installed(context):
            work(redis_url, "git", burst=True)
            due = place.door.store.client.execute_command(
                "ZMSCORE", "fleet:due", *[f"g:{each}" for each in ids]
            )
            leased, *others = sorted((float(at) for at in due), reverse=True)
            # One is under way; the others are due again at once.
            assert leased > now_ms() + 30_000
            assert all(at <= now_ms() for at in others)


def test_polls_that_are_under_way_at_the_end_are_left_to_others(
    place: Place, repo: GitRepo, web: GitHttpServer, redis_url: str
) -> None:
    head = repo.commit()
    with odd_server(lambda server: server.say()) as server:
        repo_id = place.repo(url=f"http://127.0.0.1:{server.port}/x")
        with git_context(redis_url) as context, installed(context):
            work(redis_url, "git", burst=True)
            while not server.connections:
                threading.Event().wait(0.005)
        assert not any(thread.name == "poll" for thread in threading.enumerate())
    execute = place.door.store.client.execute_command
    assert execute("HGET", f"fleet:repo:{repo_id}", "poll") == b""
    assert float(execute("ZSCORE", "fleet:due", f"g:{repo_id}")) <= now_ms()
    assert place.status().error == ""
    place.repo(url=f"{web.url}/app.git")
    make_polls(redis_url)
    assert place.status().commit == head


def test_too_many_polls_at_once_are_put_off(place: Place, web: GitHttpServer, redis_url: str) -> None:
    place.repo(url=f"{web.url}/app.git")
    make_polls(redis_url, polls=PollLimits(0, 16))
    assert web.asked == []
    assert place.status().polled_at is None


def test_nothing_is_polled_while_no_calls_may_leave(place: Place, web: GitHttpServer, redis_url: str) -> None:
    place.repo(url=f"{web.url}/app.git")
    make_polls(redis_url, way=GitWay(targets=LOOPBACK, is_open=False))
    assert "FLEET_OUTBOUND to off" in place.status().error
    assert web.connections == 0


def test_a_worker_with_another_key_says_so(place: Place, web: GitHttpServer, redis_url: str) -> None:
    place.repo(url=f"{web.url}/app.git")
    other = SharedSealer(KeyRing({b"0002": bytes(32)}, b"0002"), os.urandom)
    make_polls(redis_url, sealer=other)
    assert re.search("Sealing key .* is not in the key ring", place.status().error)


def test_the_jobs_of_a_process_have_one_context(redis_url: str) -> None:
    with pytest.raises(RuntimeError, match="fleet run worker'"):
        current()
    with git_context(redis_url) as context, installed(context):
        assert current() is context
        with pytest.raises(RuntimeError, match="already"), installed(context):
            pass
        with pytest.raises(RuntimeError, match="Only RQ"):
            poll("rep_1")
