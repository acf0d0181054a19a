"""A gateway that watches repositories of a real Git server, whose hook tells of pushes as GitHub does."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.git_http import GitHttpServer, Update, git_http_server
from tests.git_push import Pusher
from tests.git_repo import GitRepo
from tests.git_shots import Shot, push
from tests.system.stack import Arrival, Stack, Subscriber, gateway, post, subscriber

SECRET = "what GitHub knows"
WAIT_S = 60.0
RAW = "raw"
"""Where the subscriber gets what Git hosts have sent, and asked for."""

_numbers = count(1)


@dataclass(frozen=True)
class Told:
    """What the subscriber was told of a commit, and when: by time.monotonic()."""

    event: str
    body: dict[str, Any]
    at: float

    @property
    def commit(self) -> str:
        return self.body["commit"]


@dataclass
class Ear:
    """Hears what arrives at the subscriber: commits, raw pushes where it asked for them, and nothing else."""

    told: defaultdict[str, list[Told]] = field(default_factory=lambda: defaultdict(list))
    raw: list[Arrival] = field(default_factory=list)
    strange: list[Arrival] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, arrival: Arrival) -> web.Response:
        if arrival.path.startswith(f"/{RAW}"):
            self.raw.append(arrival)
        elif b'"type": "git.commit"' not in arrival.body:
            self.strange.append(arrival)
        else:
            body = json.loads(arrival.body)
            self.told[body["repo"]].append(Told(arrival.header("fleet-event"), body, time.monotonic()))
        self.changed.set()
        return web.Response()

    async def until(self, holds: Callable[[], bool], what: str, within_s: float = WAIT_S) -> None:
        """Wait until what has arrived is enough."""
        try:
            async with asyncio.timeout(within_s):
                while not holds():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            raise AssertionError(f"not within {within_s:g} s: {what}") from None


@dataclass(eq=False)
class Hosted:
    """A repository on the Git server.

    Attributes:
        name: of the GitRepo that watches it.
        hook: what is done after each push.
        reports: what its hook was answered, so far.
        moved_at: when each commit became the head of a ref, by time.monotonic().
    """

    name: str
    url: str
    repo: GitRepo
    pusher: Pusher
    ear: Ear
    hook: Callable[[list[Update]], None] = lambda _: None
    reports: list[tuple[int, Any]] = field(default_factory=list)
    moved_at: dict[str, float] = field(default_factory=dict)

    @property
    def told(self) -> list[Told]:
        return self.ear.told[self.name]

    @property
    def commits(self) -> list[str]:
        """What was told, in the order in which each follows on the one before."""
        following = {each.body["previous"]: each.commit for each in self.told}
        found: list[str] = []
        while (commit := following.get(found[-1] if found else None)) is not None and len(found) < len(
            self.told
        ):
            found.append(commit)
        assert len(found) == len(self.told), "each follows on the one before, and no two on the same"
        return found

    async def push(self, branch: str = "main") -> str:
        """Push one new commit over http; the hook has run when this returns."""
        return await asyncio.to_thread(self.pusher.push, branch)

    async def push_cheaply(self) -> str:
        """What a push does on the server, and no more: a commit is kept, the head moves, the hook runs.

        A real one costs the server the more the more there were.
        """
        return await asyncio.to_thread(self._push_cheaply)

    def _push_cheaply(self) -> str:
        before, after = self.repo.head(), self.repo.commit()
        self.hook([(before, after, "refs/heads/main")])
        return after

    async def hears(self, commit: str, within_s: float = WAIT_S) -> Told:
        """Wait until the subscriber is told of a commit."""
        found: list[Told] = []

        def is_there() -> bool:
            found[:] = [each for each in self.told if each.commit == commit]
            return bool(found)

        await self.ear.until(is_there, f"{self.name}: told of {commit}", within_s)
        assert len(found) == 1
        return found[0]


@dataclass
class GitStack:
    """The gateway, the Git server and the subscriber.

    Attributes:
        receiver: URL of the gateway's Git receiver.
        secret: what GitHub signs with.
        hosted: repositories by their paths.
    """

    stack: Stack
    server: GitHttpServer
    ear: Ear
    receiver: str
    secret: str
    hosted: dict[str, Hosted] = field(default_factory=dict)

    def host(self, *, is_hooked: bool = True) -> Hosted:
        """A new, empty repository. With a hook, each push is reported to the receiver before it returns."""
        name = f"app-{next(_numbers)}"
        path = f"{name}.git"
        url = f"{self.server.url}/{path}"
        made = Hosted(f"infra/{name}", url, GitRepo(self.server.root / path), Pusher(url), self.ear)

        def heard(updates: list[Update]) -> None:
            now = time.monotonic()
            made.moved_at |= {after: now for _, after, _ in updates}
            if is_hooked:
                made.reports += [self.report(made, *each) for each in updates]

        made.hook = heard
        self.hosted[path] = made
        return made

    def status(self, hosted: Hosted) -> dict[str, Any]:
        """How its repo is, as the control API says."""
        return self.stack.api.ask("GET", "repos", *hosted.name.split("/"))["status"]

    def complaint(self, hosted: Hosted) -> str:
        """Why its polls fail; "" while they do not."""
        polling = self.status(hosted)["conditions"][0]
        return polling["message"] if polling["status"] == "False" else ""

    def polls(self, hosted: Hosted) -> int:
        """How often the server was asked where its refs are."""
        return sum(each.path == f"/{hosted.repo.path.name}/git-upload-pack" for each in self.server.asked)

    def shot(self, hosted: Hosted, before: str, after: str, ref: str = "refs/heads/main") -> Shot:
        """What GitHub would send."""
        page = hosted.url.removesuffix(".git")
        ssh = f"git@127.0.0.1:{hosted.repo.path.name}"
        return push("github", page, ssh, ref, after, before).vouched(self.secret)

    def report(
        self, hosted: Hosted, before: str, after: str, ref: str = "refs/heads/main"
    ) -> tuple[int, Any]:
        """Tell of a push as GitHub does; what was answered."""
        shot = self.shot(hosted, before, after, ref)
        return post(self.receiver, shot.body, shot.headers)


@asynccontextmanager
async def git_stack(folder: Path, known: str = SECRET, **settings: object) -> AsyncGenerator[GitStack]:
    """All of it, with a connector, for the length of the block.

    Args:
        folder: an empty one.
        known: what GitHub signs with.
        settings: of the gateway, without their FLEET_.
    """
    repositories = folder / "repositories"
    repositories.mkdir()
    # Nobody here has anything delivered again.
    less, own = ("retries",), {"GIT_TARGETS": "loopback", "GIT_GATEWAY": "local", **settings}
    with git_http_server(repositories) as server:
        async with subscriber() as local, gateway(folder / "gateway", *less, git=True, **own) as stack:
            made = await listening(stack, server, local, known=known)
            server.post_receive = lambda path, updates: made.hosted[path].hook(updates)
            try:
                yield made
            finally:
                for hosted in made.hosted.values():
                    hosted.pusher.close()


async def listening(
    stack: Stack, server: GitHttpServer, local: Subscriber, name: str = "connector", known: str = SECRET
) -> GitStack:
    """A gateway's receiver, who listens to it, and their connector."""
    local.answer = ear = Ear()
    made = stack.api.ask("POST", "webhooks", body={"name": "git", "sender": "git", "hourly_limit": 1_000_000})
    stack.subscribe("commits", ("git",))
    stack.subscribe("pushes", ("git",), events=["git.push"])
    await stack.connect(name, commits=local.url, pushes=f"{local.url}{RAW}")
    return GitStack(stack, server, ear, made["url"], known)
