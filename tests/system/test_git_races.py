"""Hook and polling race, hosts repeat themselves and come late: each commit is told once, and in order."""

import asyncio
import random
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.git_http import Answer, Asked, Update
from tests.system.git_owner import Owner
from tests.system.git_stack import GitStack, Hosted
from tests.system.stack import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUSHES = 200
LATE = 20
"""Every so many pushes the hook is late."""

REPEATED = 20
SLOW_S = 0.1
SENDERS = 8


async def quiet(git: GitStack, hosted: Hosted) -> None:
    """Wait until whatever might still have been told would have been."""
    for _ in range(2):
        before = git.polls(hosted)
        await asyncio.to_thread(git.stack.api.ask, "POST", "repos", *hosted.name.split("/"), "sync")
        await until(lambda before=before: git.polls(hosted) > before, "a poll")
    await until(lambda: not git.stack.count("event:waiting"), "no event waits")
    await until(lambda: not git.stack.count("delivery:in_flight"), "nothing under way")


async def test_hook_and_polling_race_and_each_of_200_commits_is_told_once(
    git: GitStack, owner: Owner
) -> None:
    hosted = git.host()
    pushed = [await owner.watch_first(hosted, branch="main", pollingInterval="1s")]
    report = hosted.hook

    def report_late(updates: list[Update]) -> None:
        """The hook, where polling is quicker: it reports while that poll is under way."""
        before = git.polls(hosted)
        while git.polls(hosted) == before:
            threading.Event().wait(0.005)
        report(updates)

    for number in range(PUSHES):
        hosted.hook = report if number % LATE else report_late
        pushed.append(await hosted.push_cheaply())
        await hosted.hears(pushed[-1])
    await quiet(git, hosted)
    assert [each.commit for each in hosted.told] == pushed
    assert [each.body["previous"] for each in hosted.told] == [None, *pushed[:-1]]
    assert len({each.event for each in hosted.told}) == PUSHES + 1
    assert {status for status, _ in hosted.reports} == {200}
    assert {each.body["source"] for each in hosted.told} == {"webhook", "polling"}
    assert git.stack.differences() == []


async def test_a_push_that_is_reported_by_many_at_once_and_polled_is_told_once(
    git: GitStack, owner: Owner
) -> None:
    hosted = git.host(is_hooked=False)
    place = hosted.name.split("/")
    pushed = [await owner.watch_first(hosted, branch="main", pollingInterval="24h")]
    for _ in range(REPEATED):
        before, commit = pushed[-1], await hosted.push_cheaply()
        pushed.append(commit)
        reports = (asyncio.to_thread(git.report, hosted, before, commit) for _ in range(SENDERS))
        polls = (asyncio.to_thread(git.stack.api.ask, "POST", "repos", *place, "sync") for _ in range(2))
        answers = await asyncio.gather(*reports, *polls)
        assert {status for status, _ in answers[:SENDERS]} == {200}
        await hosted.hears(commit)
    await quiet(git, hosted)
    assert [each.commit for each in hosted.told] == pushed
    assert hosted.commits == pushed


def make_slow(git: GitStack, hosted: Hosted, dice: random.Random) -> None:
    """Let answers about a repository take their time: what they say may be overtaken on their way."""

    def answer(asked: Asked) -> Answer | None:
        if not asked.path.startswith(f"/{hosted.repo.path.name}/git-upload-pack"):
            return None
        found = replace(git.server, instead=lambda _: None, asked=[]).answer(asked)
        threading.Event().wait(dice.random() * SLOW_S)
        return found

    git.server.instead = answer


@pytest.mark.parametrize("interval", ["24h", "1s"])
async def test_a_burst_of_200_that_is_reported_out_of_order_never_goes_backwards(
    git: GitStack, owner: Owner, interval: str
) -> None:
    hosted = git.host()
    pushed = [await owner.watch_first(hosted, branch="main", pollingInterval=interval)]
    held: list[Update] = []
    reports: list[Future[int]] = []
    dice = random.Random(5)  # noqa: S311 - no secret
    make_slow(git, hosted, dice)
    with ThreadPoolExecutor(SENDERS) as senders:

        def release(most: int) -> None:
            """Let all but so many reports go, whichever they are."""
            dice.shuffle(held)
            while len(held) > most:
                reports.append(senders.submit(git.report, hosted, *held.pop()))

        def heard(updates: list[Update]) -> None:
            held.extend(updates)
            release(SENDERS)

        hosted.hook = heard
        pushed += [await hosted.push_cheaply() for _ in range(PUSHES)]
        release(0)
        await asyncio.to_thread(senders.shutdown)
    assert {report.result()[0] for report in reports} == {200}
    assert len(reports) == PUSHES
    await hosted.hears(pushed[-1])
    await quiet(git, hosted)
    told = [pushed.index(commit) for commit in hosted.commits]
    print(f"\nburst, polled every {interval}: {len(told)} of {len(pushed)} told")  # noqa: T201 - counted, for the documents
    assert told == sorted(set(told))
    assert (told[0], told[-1]) == (0, PUSHES)
    assert git.stack.differences() == []
