"""What a push triggers: one poll of each repo that it concerns, and one event for who wants the push."""

import os

import pytest
from structlog.testing import capture_logs

from domain.git.address import payload_key
from domain.git.change import Change
from domain.git.provider import Provider
from domain.git.push import Push
from ingress.context import IngressContext
from ingress.git.triggering import Effect, Triggering
from ingress.git.vouching import Vouched
from store import repos
from store.connect import AsyncStore
from tests.git_receiver import Place
from tests.git_shots import NEW, NOTHING, OLD, PROVIDERS, WEB, push, shot
from tests.public_door import now_ms
from tests.world import LIMITS

HEAD = "c" * 40


@pytest.fixture
def settled(place: Place) -> Place:
    """A receiver with one repo that was polled."""
    place.repo(allow_unauthenticated=True)
    place.polled(HEAD)
    return place


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_push_is_one_job_and_one_event(settled: Place, provider: str) -> None:
    sent = push(provider)
    assert settled.send(sent).json["updated"] == ["infra/app"]
    [(_, repos)] = settled.jobs()
    assert repos == [settled.stored().id]
    [event] = settled.events()
    kept = settled.kept(event)
    assert kept.body == sent.body
    assert {kept.header(name.lower().encode()) for name in sent.headers} == {
        value.encode() for value in sent.headers.values()
    }


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_push_that_is_sent_again_is_no_second_job(settled: Place, provider: str) -> None:
    answers = [settled.send(push(provider)) for _ in range(3)]
    assert all(answer.json["updated"] == ["infra/app"] for answer in answers)
    assert len(settled.jobs()) == 1
    assert len(settled.events()) == 3


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_deletion_triggers_nothing(settled: Place, provider: str) -> None:
    answer = settled.send(push(provider, commit=NOTHING, before=OLD))
    assert (answer.status, answer.json["ignored"]) == (200, ["infra/app"])
    assert settled.jobs() == []
    assert settled.status().webhook_commit == ""
    # Whoever wants pushes themselves hears of it.
    assert len(settled.events()) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_commit_that_is_known_triggers_nothing(settled: Place, provider: str) -> None:
    answer = settled.send(push(provider, commit=HEAD))
    assert (answer.status, answer.json["ignored"]) == (200, ["infra/app"])
    assert settled.jobs() == []
    assert settled.status().webhook_commit == HEAD


@pytest.mark.parametrize(
    ("spec", "ref", "is_meant"),
    [
        ({}, "refs/heads/main", True),
        ({}, "refs/heads/next", False),
        ({}, "refs/tags/v1", False),
        ({"branch": "next"}, "refs/heads/next", True),
        ({"branch": "next"}, "refs/heads/main", False),
        ({"branch": "feature/ä/b"}, "refs/heads/feature/ä/b", True),
        ({"branch": "v1"}, "refs/tags/v1", False),
        ({"revision": "v1"}, "refs/tags/v1", True),
        ({"revision": "v1"}, "refs/heads/v1", False),
        ({"revision": "v1", "branch": "main"}, "refs/heads/main", False),
        ({}, "refs/notes/commits", False),
    ],
)
def test_a_push_of_something_else_is_ignored(
    place: Place, spec: dict[str, str], ref: str, *, is_meant: bool
) -> None:
    place.repo(allow_unauthenticated=True, **spec)
    place.polled(HEAD)
    answer = place.send(push(ref=ref))
    assert answer.json["updated" if is_meant else "ignored"] == ["infra/app"]
    assert len(place.jobs()) == is_meant


def test_every_change_of_a_push_counts(place: Place) -> None:
    changes = [
        {"refId": f"refs/heads/{name}", "fromHash": OLD, "toHash": commit, "type": "UPDATE"}
        for name, commit in (("other", "d" * 40), ("main", NEW), ("third", "e" * 40))
    ]
    content = {"repository": {"links": {"clone": [{"name": "http", "href": WEB}]}}, "changes": changes}
    for name in ("main", "third", "fourth"):
        place.repo(f"infra/{name}", branch=name, allow_unauthenticated=True)
    answer = place.send(shot("bitbucket-server", content))
    assert (answer.json["updated"], answer.json["ignored"]) == (
        ["infra/main", "infra/third"],
        ["infra/fourth"],
    )
    assert place.status("infra/main").webhook_commit == NEW
    assert place.status("infra/third").webhook_commit == "e" * 40


@pytest.mark.parametrize(
    "content",
    [
        shot(
            "bitbucket-server",
            {"repository": {"links": {"clone": [{"name": "http", "href": WEB}]}}, "changes": []},
        ),
        shot("bitbucket", {"repository": {"links": {"html": {"href": WEB}}}, "push": {"changes": []}}),
        shot(
            "azure",
            {"eventType": "git.push", "resource": {"repository": {"remoteUrl": WEB}, "refUpdates": []}},
        ),
    ],
    ids=lambda sent: sent.provider,
)
def test_a_push_of_nothing_is_ignored(settled: Place, content) -> None:
    answer = settled.send(content)
    assert (answer.status, answer.json["ignored"]) == (200, ["infra/app"])
    assert settled.jobs() == []


def test_a_push_elsewhere_in_the_repository_is_ignored(place: Place) -> None:
    place.repo(allow_unauthenticated=True, paths=("deploy/app",))
    place.polled(HEAD)

    def touching(*files: str):
        commits = [{"added": [], "removed": [], "modified": [*files]}]
        repository = {"html_url": WEB, "ssh_url": "", "default_branch": "main"}
        content = {"ref": "refs/heads/main", "before": OLD, "after": NEW, "repository": repository}
        return shot("github", {**content, "commits": commits})

    assert place.send(touching("docs/a.md")).json["ignored"] == ["infra/app"]
    assert place.send(touching("docs/a.md", "deploy/app/values.yaml")).json["updated"] == ["infra/app"]


def test_many_repos_are_triggered_by_one_push(place: Place) -> None:
    names = [f"infra/app-{number:02}" for number in range(40)]
    for name in names:
        place.repo(name, allow_unauthenticated=True)
    place.polled(HEAD)
    answer = place.send(push())
    assert answer.json["updated"] == names
    assert sum(len(repos) for _, repos in place.jobs()) == 40
    assert len(place.events()) == 1


def test_the_failure_of_one_repo_does_not_stop_the_others(settled: Place) -> None:
    broken = settled.repo("infra/broken", allow_unauthenticated=True)
    settled.polled(HEAD)
    execute = settled.door.store.client.execute_command
    # A value that the script cannot use.
    execute("HSET", f"fleet:repo:{broken}", "leased_until", "nonsense")
    with capture_logs() as logs:
        answer = settled.send(push())
    # Sent again it may go better.
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert settled.status().webhook_commit == NEW
    assert [repos for _, repos in settled.jobs()] == [[settled.stored().id]]
    [told] = [line for line in logs if line["event"] == "git_pushed"]
    assert told["log_level"] == "error"
    assert told["repos"] == ["infra/app: triggered", "infra/broken: failed"]
    execute("HSET", f"fleet:repo:{broken}", "leased_until", "")
    assert settled.send(push()).json["updated"] == ["infra/app", "infra/broken"]


async def test_a_repo_that_is_deleted_meanwhile_is_gone(settled: Place, redis_url: str) -> None:
    matches = settled.door.store.run(repos.matching(settled.gateway, [str(payload_key(WEB))])).repos
    assert [each.name for each in matches] == ["infra/app"]
    assert settled.door.store.run(repos.delete(settled.gateway, "infra/app"))
    change = Change("branch", "main", NEW, OLD)
    pushed = Push(Provider.GITHUB, "push", is_push=True, urls=(WEB,), changes=(change,))
    store = AsyncStore(redis_url)
    context = IngressContext(
        store=store,
        sealer=settled.door.sealer,
        clock_ms=now_ms,
        entropy=os.urandom,
        limits=LIMITS,
        public_url="",
        high_water=1,
    )
    assert await Triggering(context).trigger(Vouched(right=list(matches)), pushed) == {
        "infra/app": Effect.GONE
    }
    await store.close()
    assert settled.jobs() == []
