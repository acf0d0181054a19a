"""Whose repos a payload reaches, whom a poll calls, and what of a push is delivered as it came."""

import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_asyncio

from cli.surroundings import redis_url
from tests.command_line import fleet_command
from tests.git_http import Answer, Asked
from tests.git_shots import credential
from tests.odd_server import OddServer, odd_server
from tests.owner_door import new_gateway
from tests.system.git_owner import Owner, git_repo
from tests.system.git_stack import GitStack, Hosted, listening
from tests.system.stack import post, subscriber, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def neighbour(git: GitStack) -> AsyncGenerator[GitStack]:
    """Another gateway on the same server: a receiver, a subscriber and a connector of its own."""
    _, token = new_gateway(redis_url(git.stack.settings), "neighbour")
    async with subscriber() as local:
        stack = replace(git.stack, token=token)
        yield await listening(stack, git.server, local, "neighbours-connector", "what its GitHub knows")


@pytest.fixture
def move_in(
    neighbour: GitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """The neighbour takes the command line over, and watches something."""

    async def move_in(hosted: Hosted) -> Hosted:
        theirs = replace(hosted, ear=neighbour.ear)
        owner = Owner(
            fleet_command(monkeypatch, capsys, neighbour.stack.of_owner), tmp_path, neighbour.secret
        )
        await owner.watch(theirs, branch="main", pollingInterval="24h")
        await theirs.hears(hosted.repo.head())
        return theirs

    return move_in


async def test_each_gateway_that_watches_a_repository_gets_events_of_its_own(
    git: GitStack, neighbour: GitStack, owner: Owner, move_in
) -> None:
    ours = git.host(is_hooked=False)
    first = await owner.watch_first(ours, branch="main", pollingInterval="24h")
    theirs = await move_in(ours)
    second = await ours.push()
    polls = git.polls(ours)
    assert git.report(ours, first, second)[0] == 200
    await ours.hears(second)
    assert git.polls(ours) == polls + 1
    assert neighbour.status(theirs)["commit"] == first
    assert neighbour.report(theirs, first, second)[0] == 200
    await theirs.hears(second)
    assert [each.commit for each in ours.told] == [each.commit for each in theirs.told] == [first, second]
    assert not {each.event for each in ours.told} & {each.event for each in theirs.told}


async def test_a_payload_that_names_what_only_another_gateway_watches_does_nothing(
    git: GitStack, neighbour: GitStack, move_in
) -> None:
    hosted = neighbour.host(is_hooked=False)
    first = hosted.repo.commit()
    theirs = await move_in(hosted)
    polls = git.polls(hosted)
    answers = [
        git.report(hosted, first, "f" * 40),
        replace(git, receiver=neighbour.receiver).report(hosted, first, "f" * 40),
    ]
    assert answers[0] == (200, {"matched": [], "updated": [], "ignored": []})
    assert answers[1][0] == 401
    status = neighbour.status(theirs)
    assert (status["webhookCommit"], status["lastWebhookTime"]) == (None, None)
    assert git.polls(hosted) == polls
    assert hosted.name not in git.ear.told


async def test_the_urls_of_a_payload_are_never_contacted(git: GitStack, owner: Owner) -> None:
    hosted = git.host(is_hooked=False)
    first = await owner.watch_first(hosted, branch="main", pollingInterval="24h")
    second = await hosted.push()
    with odd_server(OddServer.say) as stranger:
        # Ports do not count when a payload is compared, so this one means the repo.
        page = f"http://127.0.0.1:{stranger.port}/{hosted.repo.path.stem}"
        content = json.loads(git.shot(hosted, first, second).body)
        content["repository"] |= {
            "html_url": page,
            "ssh_url": f"ssh://git@127.0.0.1:{stranger.port}/{hosted.repo.path.name}",
            "url": page,
            "clone_url": f"{page}.git",
            "git_url": f"git://127.0.0.1:{stranger.port}/x.git",
            "hooks_url": f"{page}/hooks",
            "archive_url": f"{page}/archive",
        }
        content |= {"compare": f"{page}/compare", "head_commit": {"id": second, "url": page}}
        body = json.dumps(content).encode()
        headers = {"X-GitHub-Event": "push", **credential("github", body, git.secret)}
        status, answer = post(git.receiver, body, headers)
        assert (status, answer["updated"]) == (200, [hosted.name])
        told = await hosted.hears(second)
    assert told.body["url"] == hosted.url
    assert stranger.connections == 0


async def test_a_redirect_to_another_place_is_refused_and_said(git: GitStack, owner: Owner) -> None:
    hosted = git.host()
    with odd_server(OddServer.say) as stranger:
        elsewhere = f"http://127.0.0.1:{stranger.port}/{hosted.repo.path.name}"

        def redirect(asked: Asked) -> Answer | None:
            if not asked.path.startswith(f"/{hosted.repo.path.name}"):
                return None
            return 302, {"Location": f"{elsewhere}/info/refs?service=git-upload-pack"}, b""

        git.server.instead = redirect
        await owner.watch(hosted)
        await until(lambda: bool(git.complaint(hosted)), "the poll fails")
        shown = (await owner.run("repos", "show", hosted.name)).out
    assert f"redirects to {elsewhere}, and this gateway does not follow" in " ".join(shown.split())
    assert stranger.connections == 0


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://10.1.2.3/o/app.git", "10.1.2.3 is at a private address"),
        ("http://169.254.169.254/latest/meta-data", "169.254.169.254 is at a link-local address"),
        ("http://[::ffff:169.254.169.254]/x", "is at a link-local address"),
        ("file:///etc", "does not read repositories of its own machine"),
    ],
)
async def test_only_places_that_the_operator_allows_are_contacted(
    git: GitStack, owner: Owner, url: str, said: str
) -> None:
    hosted = git.host(is_hooked=False)
    await owner.apply(git_repo(hosted.name, repo=url))
    await until(lambda: bool(git.complaint(hosted)), "the poll fails")
    assert said in git.complaint(hosted)


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
async def test_a_push_arrives_as_it_came_at_who_has_asked_for_it(
    git: GitStack, owner: Owner, kind: str
) -> None:
    hosted = git.host(is_hooked=False)
    first = await owner.watch_first(hosted, branch="main", pollingInterval="24h")
    second = await hosted.push()
    shot = git.shot(hosted, first, second)
    body = b' \r\n{"n\\u00f6te" : "\xc3\xa4 \xe2\x82\xac",\t"big":1e400, ' + shot.body.lstrip()[1:] + b"\n\n"
    if kind != "application/json":
        body = b"a=%20+&payload=" + quote(body).encode() + b"&b"
    sent = {
        "Content-Type": kind,
        "User-Agent": "GitHub-Hookshot/1",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": hosted.name,
        **credential("github", body, git.secret),
    }
    status, answer = post(git.receiver, body, sent)
    assert (status, answer["updated"]) == (200, [hosted.name])
    await hosted.hears(second)
    await git.ear.until(lambda: any(each.body == body for each in git.ear.raw), "the push itself")
    [raw] = [each for each in git.ear.raw if each.body == body]
    assert {name: raw.header(name.lower()) for name in sent} == sent
    assert (raw.header("fleet-webhook"), raw.header("fleet-verified")) == ("git", "no")
    assert git.ear.strange == []
