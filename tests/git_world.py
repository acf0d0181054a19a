"""A small world for tests of Git repos in the store: repos, pushes, and hands to poll them."""

from dataclasses import replace

from domain.git.repo import RepoSpec
from domain.webhook import GIT, Webhook
from store import polls, repo_secrets, repos, webhooks
from store.polls import Begun, Failure, Head, Poll, PollLimits
from store.repos import StoredRepo, Wish
from store.webhooks import StoredWebhook
from tests.world import World

FIRST, SECOND, THIRD = "1" * 40, "2" * 40, "3" * 40
URL = "https://git.example/infra/app"
DICE = 0.5


class GitWorld(World):
    """A gateway with its Git receiver."""

    limits_of_polls = PollLimits(32, 16)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.receiver = self.add_receiver()

    def add_receiver(self) -> Webhook:
        made = replace(self.webhook, id=self.id("whk"), name="git", sender=GIT)
        self.run(webhooks.create(StoredWebhook(made, b"sealed", b""), f"token-{made.id}"))
        return made

    def add_repo(self, name: str = "infra/app", **spec) -> str:
        """A repo that has not been polled yet; its id."""
        repo = self.id("rep")
        self.put(name, repo, 0, **spec)
        return repo

    def put(self, name: str, repo: str, seen: int, url: str = URL, **spec) -> None:
        wanted = RepoSpec(url, **spec)
        wish = Wish(self.gateway, name, repo, seen, wanted, f"sealed {wanted!r}".encode())
        self.run(repos.put(wish, self.id("job"), self.id("job"), self.now))

    def put_secret(self, name: str) -> None:
        self.run(repo_secrets.put(self.gateway, name, b"sealed", self.id("job"), self.now))

    def repo(self, name: str = "infra/app") -> StoredRepo:
        found = self.run(repos.find(self.gateway, name))
        assert found is not None
        return found

    def push(self, repo: str, commit: str, before: str = "", *, is_proven: bool = True) -> str:
        call = polls.note_push(
            self.gateway, repo, commit, before, self.id("job"), self.now, is_proven=is_proven
        )
        return self.run(call)

    def jobs(self) -> list[str]:
        """What waits on the queue, taken from it."""
        found = self.queue("git")
        self.command("DEL", "rq:queue:git")
        return found

    def begin(self, repo: str, job: str):
        return self.run(polls.begin(repo, job, self.limits_of_polls, self.now, DICE))

    def begun(self, repo: str) -> Poll:
        """The poll of the one job that waits."""
        [job] = self.jobs()
        found = self.begin(repo, job)
        assert isinstance(found, Begun)
        return Poll(repo, job, found.repo.version, found.repo.status.commit, found.receiver or "")

    def end(self, poll: Poll, commit: str, branch: str = "main", tag: str = "") -> str:
        sealed = b"" if commit == poll.previous else b"sealed commit"
        head = Head(commit, branch, self.id("evt"), 4, sealed, tag)
        return self.run(polls.end(poll, head, self.limits, self.id("job"), self.now, DICE))

    def fail(self, poll: Poll, *, is_host_fault: bool = False) -> str:
        failure = Failure("The server is away.", is_host_fault)
        return self.run(polls.end(poll, failure, self.limits, self.id("job"), self.now, DICE))

    def poll(self, repo: str, commit: str) -> str:
        """Poll once, as the job that waits demands."""
        return self.end(self.begun(repo), commit)

    def next_in_ms(self, repo: str) -> int | None:
        [at] = self.run(repos.due_at([self.by_id(repo)]))
        return None if at is None else at - self.now

    def by_id(self, repo: str) -> StoredRepo:
        return next(each for each in map(self.repo, self.names()) if each.id == repo)

    def names(self) -> list[str]:
        return self.run(repos.names(self.gateway))

    def pass_on(self, repo: str) -> None:
        """Until the next poll is due, and its job waits."""
        pause = self.next_in_ms(repo)
        assert pause is not None
        self.now += max(pause, 0)
        self.sweep()

    def announced(self) -> list[str]:
        """The ids of the events that told of commits, the oldest first."""
        found = self.command("KEYS", "fleet:event:*")
        told = [key.decode() for key in found if self.field(key.decode(), "type") == "git.commit"]
        return sorted(key.removeprefix("fleet:event:") for key in told)
