"""A Git receiver behind a real ingress, with repos and Secrets as their owner would apply them."""

import json
import os
from dataclasses import dataclass

from domain.envelope import unpack
from domain.event import Request
from domain.git.repo import GLOBAL_SECRET, RepoSpec
from domain.ids import new_id
from store import polls, repo_secrets, repos
from store.polls import Begun, Head, Poll, PollLimits
from store.repo_secrets import SecretData
from store.repos import RepoStatus, StoredRepo, Wish
from store.sealing import Sealer, event_place
from tests.git_shots import WEB, Shot, keys
from tests.public_door import Answer, PublicDoor, now_ms
from tests.world import LIMITS

MANY = PollLimits(100, 100)


def fresh(kind: str) -> str:
    return new_id(kind, now_ms(), os.urandom(9))


@dataclass
class Place:
    """One gateway with a Git receiver."""

    door: PublicDoor
    gateway: str
    token: str

    def repo(self, name: str = "infra/app", url: str = WEB, **spec) -> str:
        """Apply a repo, new or changed: its id. Nobody polls it."""
        there = self.door.store.run(repos.find(self.gateway, name))
        wanted, repo_id = RepoSpec(url, **spec), fresh("rep") if there is None else there.id
        sealed = repos.seal_spec(self.door.sealer, self.gateway, repo_id, wanted, now_ms())
        wish = Wish(self.gateway, name, repo_id, 0 if there is None else there.version, wanted, sealed)
        self.door.store.run(repos.put(wish, fresh("job"), fresh("job"), now_ms()))
        return repo_id

    def secret(self, name: str = GLOBAL_SECRET, *, sealer: Sealer | None = None, **data: bytes) -> None:
        """Apply a Secret; `_` in the names of its keys is `-`."""
        found = SecretData("Opaque", {key.replace("_", "-"): value for key, value in data.items()})
        sealed = repo_secrets.seal(sealer or self.door.sealer, self.gateway, name, found, now_ms())
        job = new_id("job", now_ms(), os.urandom(9))
        self.door.store.run(repo_secrets.put(self.gateway, name, sealed, job, now_ms()))

    def secret_of(self, provider: str, secret: str, name: str = GLOBAL_SECRET) -> None:
        """Apply a Secret that vouches for the pushes of one provider."""
        self.secret(name, **keys(provider, secret))

    def stored(self, name: str = "infra/app") -> StoredRepo:
        found = self.door.store.run(repos.find(self.gateway, name))
        assert found is not None
        return found

    def status(self, name: str = "infra/app") -> RepoStatus:
        return self.stored(name).status

    def polled(self, commit: str) -> None:
        """Let a worker do all polls that wait, and find that commit everywhere."""
        for job, wanted in self.jobs():
            assert self.door.store.client.execute_command("LREM", "rq:queue:git", 1, job)
            for repo in wanted:
                begun = self.door.store.run(polls.begin(repo, job, MANY, now_ms(), 0))
                assert isinstance(begun, Begun)
                poll = Poll(repo, job, begun.repo.version, begun.repo.status.commit, begun.receiver or "")
                head = Head(commit, "", fresh("evt"), 1, b"sealed")
                assert self.door.store.run(polls.end(poll, head, LIMITS, fresh("job"), now_ms(), 0))

    def jobs(self) -> list[tuple[str, list[str]]]:
        """What waits in the queue `git`: ids of jobs, and of the repos that each is to poll."""
        execute = self.door.store.client.execute_command
        found = []
        for job in execute("LRANGE", "rq:queue:git", 0, -1):
            function, _, arguments, _ = json.loads(execute("HGET", b"rq:job:" + job, "data"))
            assert function == "workers.git.jobs.poll"
            found.append((job.decode(), arguments))
        return found

    def events(self) -> list[str]:
        """Ids of the events that were accepted and are no `git.commit`."""
        execute = self.door.store.client.execute_command
        found = execute("KEYS", "fleet:event:*")
        kept = [key for key in found if execute("HGET", key, "type") is None]
        return [key.decode().removeprefix("fleet:event:") for key in kept]

    def kept(self, event: str) -> Request:
        """The request that became an event."""
        sealed = self.door.store.client.execute_command("GET", f"fleet:body:{event}")
        webhook = f"whk_git-{self.gateway}"
        return unpack(self.door.sealer.open(sealed, event_place(self.gateway, webhook, event)))

    def send(self, shot: Shot, path: str = "") -> Answer:
        """Post what a Git host sends, to the receiver's own address unless told otherwise."""
        return self.door.request("POST", path or f"/t/{self.token}", shot.body, dict(shot.headers))


def place_in(door: PublicDoor, gateway: str = "gw_1", **options) -> Place:
    token = door.webhook(f"git-{gateway}", "git", gateway=gateway, **options)
    return Place(door, gateway, token)
