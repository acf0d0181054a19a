"""Git repos in Redis: what their owners wrote, sealed, and what they stand at."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Final, NamedTuple

from domain.errors import FleetError
from domain.git.address import read_address, repo_key
from domain.git.polling import DEFAULT_INTERVAL_MS, HEARD_INTERVAL_MS
from domain.git.repo import GLOBAL_SECRET, Demand, RepoSpec, client_secret_of, demand_of
from domain.limits import DEFAULTS
from store import due, keys
from store.calls import Argument, Call, Reply, one, pairs, text, together
from store.owned import LimitReachedError, Row, rows
from store.rq_names import stamp
from store.scripts import load
from store.sealing import Sealer, repo_place


class RepoChangedError(FleetError):
    """The repo is not what the caller has seen any more; look again."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Somebody else is changing the repo {name}; look at it, then try again.")


@dataclass(frozen=True, slots=True)
class RepoStatus:
    """What a repo stands at.

    Attributes:
        commit: the commit that subscribers were last told of; "" before the first.
        commit_at: when they were, Unix ms.
        source: who saw it, "webhook" or "polling"; "" before the first.
        branch: the branch that was found, where the owner has named none.
        polling_commit: the head as the last poll saw it; "" before the first.
        polled_at: when that was, Unix ms.
        webhook_commit: the commit that the last push named; "" before the first.
        webhook_at: when that was, Unix ms.
        error: why the last poll failed, a sentence; "" when it did not.
        warning: "not_visible" when the commit of the last push was never seen, or why the head could not be
            announced (see `store.polls.Ended`); "" as a rule.
        moved_to: where its server says that the repository is now; "" when it says nothing of the kind.
        interval_ms: the pause between two polls that succeed, in milliseconds.
        is_asked: whether a poll waits for its turn or is under way.
    """

    commit: str = ""
    commit_at: int | None = None
    source: str = ""
    branch: str = ""
    polling_commit: str = ""
    polled_at: int | None = None
    webhook_commit: str = ""
    webhook_at: int | None = None
    error: str = ""
    warning: str = ""
    moved_to: str = ""
    interval_ms: int = DEFAULT_INTERVAL_MS
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class StoredRepo:
    """A repo as Redis has it.

    Attributes:
        id: its id.
        gateway: the Gateway ID that owns it.
        name: "namespace/name", unique within the gateway.
        version: grows with each change by its owner.
        created_at: Unix time in milliseconds.
        sealed_spec: what its owner wrote, see `open_spec`.
        status: what it stands at.
    """

    id: str
    gateway: str
    name: str
    version: int
    created_at: int
    sealed_spec: bytes
    status: RepoStatus


class Match(NamedTuple):
    """A repo that a push may mean: so much of it as decides whether the push is believed.

    Attributes:
        id: its id.
        name: "namespace/name".
        demand: who has to vouch for its pushes.
    """

    id: str
    name: str
    demand: Demand


@dataclass(frozen=True, slots=True)
class Matches:
    """What a push may mean.

    Attributes:
        repos: those that stand under one of its URLs, oldest first.
        secrets: by name, sealed, those of the Secrets that may vouch for it which are there.
    """

    repos: tuple[Match, ...]
    secrets: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Wish:
    """A repo as its owner wants it.

    Attributes:
        gateway: the Gateway ID.
        name: "namespace/name".
        id: of the repo that is there; else a fresh one.
        seen: the version of the repo that is there; 0 when there is none.
        spec: what the owner wrote.
        sealed_spec: the same, sealed, see `seal_spec`.
    """

    gateway: str
    name: str
    id: str
    seen: int
    spec: RepoSpec
    sealed_spec: bytes


def put(wish: Wish, mark: str, job: str, now_ms: int, most: int = DEFAULTS.repos) -> Call[None]:
    """Record a repo, new or changed, and have it polled at once.

    Args:
        wish: the repo.
        mark: a fresh id, by which a repeated call is known.
        job: a fresh job id.
        now_ms: Unix time in milliseconds.
        most: how many repos a gateway without a limit of its own may have.

    Raises:
        InvalidInputError: its URL cannot be read.
        RepoChangedError: it is not as it was seen (when the reply is parsed, as below).
        LimitReachedError: the gateway has too many repos.
    """
    spec, address, demand = wish.spec, read_address(wish.spec.repo), demand_of(wish.name, wish.spec)
    fields: dict[str, Argument] = {
        "form": _digest(key) if (key := repo_key(spec.repo)) else "",
        "follows": _digest(json.dumps([spec.branch, spec.revision])),
        "host": f"{address.scheme}:{address.host}:{address.port or ''}".lower(),
        "interval": spec.polling_interval_ms or "",
        "disabled": int(spec.disable_polling),
        "client_secret": client_secret_of(wish.name, spec),
        "webhook_secret": demand.secret,
        "is_own": int(demand.is_own),
        "is_open": int(demand.is_open),
        "spec": wish.sealed_spec,
    }
    flat = [part for field in fields.items() for part in field]
    place = (wish.gateway, wish.name, wish.id, wish.seen)
    command = load("put_repo").command(*place, mark, most, now_ms, stamp(now_ms), job, *flat)

    def parse(reply: Reply) -> None:
        if reply == 0:
            raise RepoChangedError(wish.name)
        if reply < 0:
            raise LimitReachedError("repo", -1 - reply)

    return one(command, parse)


def delete(gateway: str, name: str) -> Call[bool]:
    """Delete a repo. False when the gateway has no such repo."""
    return one(load("delete_repo").command(gateway, name), bool)


def sync(gateway: str, name: str, job: str, now_ms: int) -> Call[bool]:
    """Poll a repo now. False when the gateway has no such repo.

    Args:
        gateway: the Gateway ID.
        name: of the repo.
        job: a fresh job id.
        now_ms: Unix time in milliseconds.
    """
    return one(load("sync_repo").command(gateway, name, job, now_ms, stamp(now_ms)), bool)


def names(gateway: str) -> Call[list[str]]:
    """The names of a gateway's repos, sorted."""
    return one(("HKEYS", keys.repos(gateway)), lambda reply: sorted(map(text, reply)))


def find(gateway: str, name: str) -> Call[StoredRepo | None]:
    """The gateway's repo of that name, None when it has none."""
    return fetch(gateway, [name]).then(lambda found: found[0] if found else None)


def fetch(gateway: str, wanted: Sequence[str]) -> Call[list[StoredRepo]]:
    """The gateway's repos of these names, in their order; those that are gone are left out."""
    command = load("read_repos").command(gateway, *wanted)
    return one(command, lambda reply: [of_row(row) for row in rows(reply)])


def due_at(repos: Sequence[StoredRepo]) -> Call[list[int | None]]:
    """When each of these repos is looked at next, Unix ms; None: when something happens to it."""
    if not repos:
        return Call((), lambda _: [])
    command = ("ZMSCORE", keys.DUE, *(due.repo(each.id) for each in repos))
    return one(command, lambda reply: [None if score is None else int(float(score)) for score in reply])


def matching(gateway: str, forms: Sequence[str]) -> Call[Matches]:
    """The repos that stand under these normal forms (`domain.git.address.payload_key`), and their Secrets."""
    command = load("matching_repos").command(gateway, GLOBAL_SECRET, *map(_digest, forms))
    return one(
        command, lambda reply: Matches(tuple(_match(*map(text, row)) for row in reply[0]), pairs(reply[1]))
    )


def _match(repo: str, name: str, secret: str, is_own: str, is_open: str) -> Match:
    return Match(repo, name, Demand(secret, is_own == "1", is_open == "1"))


def read(ids: Sequence[str]) -> Call[list[StoredRepo | None]]:
    """The repos of these ids, None where one was deleted. Whose they are is the caller's concern."""

    def one_of(repo: str) -> Call[StoredRepo | None]:
        call = one(("HGETALL", keys.repo(repo)), pairs)
        return call.then(lambda fields: of_row((repo, fields)) if fields else None)

    return together([one_of(repo) for repo in ids])


def seal_spec(sealer: Sealer, gateway: str, repo: str, spec: RepoSpec, now_ms: int) -> bytes:
    """What an owner wrote, as Redis keeps it."""
    plain = json.dumps(asdict(spec), ensure_ascii=False).encode()
    return sealer.seal(plain, repo_place(gateway, repo), now_ms)


def open_spec(sealer: Sealer, stored: StoredRepo) -> RepoSpec:
    """What the owner of a repo wrote.

    Raises:
        SealBrokenError: it cannot be opened.
    """
    found: dict[str, Any] = json.loads(sealer.open(stored.sealed_spec, repo_place(stored.gateway, stored.id)))
    found["paths"] = tuple(found["paths"])
    return RepoSpec(**found)


def of_row(row: Row) -> StoredRepo:
    """A repo from the id and the fields of its hash."""
    repo_id, fields = row
    return StoredRepo(
        id=repo_id,
        gateway=text(fields["gateway"]),
        name=text(fields["name"]),
        version=int(fields["version"]),
        created_at=int(fields["created_at"]),
        sealed_spec=fields["spec"],
        status=_status(fields),
    )


def _status(fields: Mapping[str, bytes]) -> RepoStatus:
    return RepoStatus(
        commit=_text(fields, "commit"),
        commit_at=_moment(fields, "commit_at"),
        source=_text(fields, "commit_source"),
        branch=_text(fields, "branch"),
        polling_commit=_text(fields, "polling_commit"),
        polled_at=_moment(fields, "polled_at"),
        webhook_commit=_text(fields, "webhook_commit"),
        webhook_at=_moment(fields, "webhook_at"),
        error=_text(fields, "error"),
        warning=_text(fields, "warning"),
        moved_to=_text(fields, "moved_to"),
        interval_ms=_interval_ms(fields),
        is_asked=bool(fields.get("ticket") or fields.get("poll")),
    )


def _interval_ms(fields: Mapping[str, bytes]) -> int:
    if own := fields.get("interval"):
        return int(own)
    return HEARD_INTERVAL_MS if fields.get("heard") else DEFAULT_INTERVAL_MS


def _text(fields: Mapping[str, bytes], name: str) -> str:
    return text(fields.get(name))


def _moment(fields: Mapping[str, bytes], name: str) -> int | None:
    value = fields.get(name)
    return int(value) if value else None


_DIGEST_CHARS: Final = 32


def _digest(words: str) -> str:
    """Short, and without any character that somebody else chose."""
    return sha256(words.encode()).hexdigest()[:_DIGEST_CHARS]
