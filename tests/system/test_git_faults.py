"""kill -9 of workers while pushes come: no commit is lost, none is told twice, and all is back in a minute."""

import asyncio
import subprocess
import threading
import time
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
import yaml

from cli.stack import fleet
from domain.git.repo import GLOBAL_SECRET
from tests.git_http import Asked
from tests.system.git_stack import GitStack, Hosted, Owner, git_repo, git_stack, secret
from tests.system.stack import until

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("unseen")]

KILLS = ("git", "events", "git", "sweeper", "git", "git")
BACK_S = 60
MORE = 20
PACE_S = 0.2
QUICK = {"RECOVERY_S": 2, "JOB_TIMEOUT_S": 2}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def git(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[GitStack]:
    """Its worker makes one poll at a time: what it has taken besides waits for that."""
    async with git_stack(tmp_path_factory.mktemp("git"), GIT_THREADS=1, **QUICK) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def unseen(git: GitStack, tmp_path_factory: pytest.TempPathFactory) -> tuple[Hosted, float]:
    """A hook told of a commit that never shows, and when. To give it up takes a while, so this comes first."""
    hosted = git.host(is_hooked=False)
    first = hosted.repo.commit()
    file = tmp_path_factory.mktemp("unseen") / "resources.yaml"
    spec = {"repo": hosted.url, "branch": "main", "pollingInterval": "24h"}
    file.write_text(
        yaml.safe_dump_all([secret(GLOBAL_SECRET, github=git.secret), git_repo(hosted.name, **spec)])
    )
    command = fleet("apply", "-f", str(file))
    environ = {**git.stack.environ, **git.stack.of_owner}
    await asyncio.to_thread(subprocess.run, command, env=environ, check=True, capture_output=True)
    await hosted.hears(first)
    reported_at = time.monotonic()
    assert git.report(hosted, first, "f" * 40)[0] == 200
    return hosted, reported_at


def taken(git: GitStack) -> bool:
    """Whether no job waits for a worker of Git."""
    return git.stack.store.client.execute_command("LLEN", "rq:queue:git") == 0


async def test_workers_that_are_killed_while_pushes_come(git: GitStack, owner: Owner) -> None:
    intervals = ("24h", "24h", "1s", "1s")
    pushed: dict[Hosted, list[str]] = {}
    for interval in intervals:
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
            enough = sum(map(len, pushed.values())) + MORE
            await until(lambda enough=enough: sum(map(len, pushed.values())) >= enough, "pushes")
            await git.stack.crash(victim)
        killed_at = time.monotonic()
        enough = sum(map(len, pushed.values())) + MORE
        await until(lambda: sum(map(len, pushed.values())) >= enough, "pushes")
        go_on = False
    last = [(await hosted.hears(commits[-1], BACK_S)).at for hosted, commits in pushed.items()]
    print(f"\nkilled {len(KILLS)} times, the last head told {max(last) - killed_at:.1f} s after the last one")
    assert max(last) - killed_at < BACK_S
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
    git: GitStack, owner: Owner
) -> None:
    begun, taken_only, other = (git.host() for _ in range(3))
    for hosted in (begun, taken_only, other):
        await owner.watch_first(hosted, branch="main", pollingInterval="24h")
    released = threading.Event()

    def stall(asked: Asked) -> None:
        if asked.path.startswith(f"/{begun.repo.path.name}/"):
            released.wait()

    git.server.instead = stall
    before = git.polls(begun)
    heads = [await begun.push_cheaply()]
    await until(lambda: git.polls(begun) > before, "a poll is under way")
    heads.append(await taken_only.push_cheaply())
    await until(lambda: taken(git), "the other one is taken, too")
    await git.stack.crash("git")
    killed_at = time.monotonic()
    released.set()
    head = await other.push_cheaply()
    await other.hears(head)
    back = [(await hosted.hears(commit)).at for hosted, commit in zip((begun, taken_only), heads, strict=True)]
    print(f"\nback after the kill: {', '.join(f'{at - killed_at:.1f} s' for at in back)}")
    assert max(back) - killed_at < BACK_S
    assert git.stack.differences() == []


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
    assert git.polls(hosted) > 5
    assert len(hosted.told) == 1
    before, after = hosted.repo.head(), hosted.repo.commit()
    git.report(hosted, before, after)
    await hosted.hears(after)
    assert warnings() == []
