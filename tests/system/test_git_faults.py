"""kill -9 of workers while pushes come: no head is lost, none is told twice, and all is back in a minute."""

import asyncio
import subprocess
import threading
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from cli.stack import fleet
from domain.git.repo import GLOBAL_SECRET
from tests.git_http import Asked
from tests.system.git_owner import Owner, git_repo, secret
from tests.system.git_stack import GitStack, Hosted, git_stack
from tests.system.stack import Stack, until

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("left", "unseen")]

KILLS = ("git", "events", "git", "sweeper", "git", "git")
BACK_S = 60
MORE = 20
PACE_S = 0.2
QUICK = {"RECOVERY_S": 2, "JOB_TIMEOUT_S": 2}


@dataclass
class Killing:
    """Kills, and knows when it did so last."""

    stack: Stack
    last_at: float = 0.0

    async def crash(self, victim: str) -> None:
        await self.stack.crash(victim)
        self.last_at = time.monotonic()


@dataclass
class Left:
    """What a worker had taken when it was killed: a poll under way, and one that waited for a thread."""

    begun: Hosted
    waiting: Hosted
    heads: tuple[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def git(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[GitStack]:
    """Its worker makes one poll at a time: what it has taken besides waits for that."""
    async with git_stack(tmp_path_factory.mktemp("git"), GIT_THREADS=1, **QUICK) as running:
        yield running


@pytest.fixture(scope="module")
def killing(git: GitStack) -> Killing:
    return Killing(git.stack)


# What is left behind comes back when a lease ends, and a commit is looked for long. So both begin before the
# tests, and the tests wait once.


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def left(git: GitStack, killing: Killing, tmp_path_factory: pytest.TempPathFactory) -> Left:
    begun, waiting = git.host(), git.host()
    await watch(git, tmp_path_factory.mktemp("left"), begun, waiting)
    released = threading.Event()

    def stall(asked: Asked) -> None:
        if asked.path.startswith(f"/{begun.repo.path.name}/"):
            released.wait()

    git.server.instead = stall
    before = git.polls(begun)
    head = await begun.push_cheaply()
    await until(lambda: git.polls(begun) > before, "a poll is under way")
    other = await waiting.push_cheaply()
    execute = git.stack.store.client.execute_command
    await until(lambda: execute("LLEN", "rq:queue:git") == 0, "the other one is taken, too")
    await killing.crash("git")
    released.set()
    return Left(begun, waiting, (head, other))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def unseen(git: GitStack, left: Left, tmp_path_factory: pytest.TempPathFactory) -> tuple[Hosted, float]:
    """A hook told of a commit that never shows, and when."""
    del left
    hosted = git.host(is_hooked=False)
    await watch(git, tmp_path_factory.mktemp("unseen"), hosted)
    reported_at = time.monotonic()
    assert git.report(hosted, hosted.repo.head(), "f" * 40)[0] == 200
    return hosted, reported_at


async def watch(git: GitStack, folder: Path, *repositories: Hosted) -> None:
    """Have repositories watched, with the command as a process, and be told of the commit that each has."""
    heads = [hosted.repo.commit() for hosted in repositories]
    documents = [secret(GLOBAL_SECRET, github=git.secret)]
    for hosted in repositories:
        spec = {"repo": hosted.url, "branch": "main", "pollingInterval": "24h"}
        documents.append(git_repo(hosted.name, **spec))
    (folder / "resources.yaml").write_text(yaml.safe_dump_all(documents))
    command, environ = fleet("apply", "-f", str(folder)), {**git.stack.environ, **git.stack.of_owner}
    await asyncio.to_thread(subprocess.run, command, env=environ, check=True, capture_output=True)
    for hosted, head in zip(repositories, heads, strict=True):
        await hosted.hears(head)


async def pushes(pushed: dict[Hosted, list[str]]) -> None:
    """Wait until there are some more."""
    enough = sum(map(len, pushed.values())) + MORE
    await until(lambda: sum(map(len, pushed.values())) >= enough, "pushes")


async def test_workers_that_are_killed_while_pushes_come(
    git: GitStack, owner: Owner, killing: Killing
) -> None:
    pushed: dict[Hosted, list[str]] = {}
    for interval in ("24h", "24h", "1s", "1s"):
        hosted = git.host()
        pushed[hosted] = [await owner.watch_first(hosted, branch="main", pollingInterval=interval)]
    go_on = True

    async def push_on(hosted: Hosted) -> None:
        while go_on:
            pushed[hosted].append(await hosted.push_cheaply())
            # A developer's own pace; nothing is waited for here.
            await asyncio.sleep(PACE_S)

    async with asyncio.TaskGroup() as pushing:
        for hosted in pushed:
            pushing.create_task(push_on(hosted))
        for victim in KILLS:
            await pushes(pushed)
            await killing.crash(victim)
        await pushes(pushed)
        go_on = False
    last = [(await hosted.hears(commits[-1], BACK_S)).at for hosted, commits in pushed.items()]
    assert max(last) - killing.last_at < BACK_S
    for hosted, commits in pushed.items():
        told = [commits.index(commit) for commit in hosted.commits]
        assert told == sorted(set(told))
        assert len({each.event for each in hosted.told}) == len(hosted.told)
        assert {status for status, _ in hosted.reports} == {200}
    await until(lambda: not git.stack.count("event:waiting"), "no event waits")
    await until(lambda: not git.stack.count("delivery:in_flight"), "nothing under way")
    assert git.stack.differences() == []
    assert (await owner.run("audit")).code == 0


async def test_what_a_killed_worker_had_taken_is_polled_within_a_minute_begun_or_not(
    killing: Killing, left: Left
) -> None:
    places = zip((left.begun, left.waiting), left.heads, strict=True)
    back = max([(await hosted.hears(head)).at for hosted, head in places])
    assert back - killing.last_at < BACK_S
    assert [len(hosted.told) for hosted in (left.begun, left.waiting)] == [2, 2]


async def test_a_commit_that_never_shows_is_given_up_after_half_a_minute_and_that_is_said(
    git: GitStack, owner: Owner, unseen: tuple[Hosted, float]
) -> None:
    hosted, reported_at = unseen

    def warnings() -> list[str]:
        return [each["type"] for each in git.status(hosted)["conditions"][1:]]

    await until(lambda: bool(warnings()), "a warning", 90)
    assert time.monotonic() - reported_at > 30
    assert warnings() == ["WebhookCommitNotVisible"]
    assert "did not show within 30 seconds" in (await owner.run("repos", "show", hosted.name)).out
    assert git.polls(hosted) > 2
    assert len(hosted.told) == 1
    before, after = hosted.repo.head(), hosted.repo.commit()
    git.report(hosted, before, after)
    await hosted.hears(after)
    assert warnings() == []
