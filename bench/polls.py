"""Polling: what it costs to ask where a repository stands, when it stands where it stood.

One worker of `git`, the sweeper and Redis; a gateway whose repos, at a host on loopback, are always due.
"""

import http.client
import os
import time
from collections.abc import Callable, Sequence
from typing import Final

from bench.errors import BenchError
from bench.figures import Sample, Side
from bench.git_host import ASKING, QUESTION, polls
from bench.measurement import Scale
from bench.outcome import NS_PER_S
from bench.processor import Processor
from bench.stack import Stack
from bench.waiting import HOST, until
from domain.git.repo import RepoSpec
from domain.ids import ENTROPY_BYTES, Kind, new_id
from domain.webhook import GIT, Webhook
from store import keyring, repos, webhooks
from store.calls import together
from store.ledger import counts
from store.repos import Wish
from store.sealing import Sealer
from store.webhooks import StoredWebhook

_REPOS: Final = 1500
"""More than one worker polls within the shortest interval that there is: it never waits for one to be due."""

_INTERVAL_MS: Final = 1000
_THREADS: Final = 16
_PATIENCE_S: Final = 300.0
_MANY: Final = 10_000
_MANY_EVERY_S: Final = 15
_US_PER_S: Final = 1_000_000


def ours(scale: Scale) -> Sample:
    """Polls a second of one worker; and by one that makes one at a time, how long one takes."""
    many = _polled(scale, _THREADS)
    alone = _polled(Scale(max(1, scale.events // 5), scale.warm), 1)
    return Sample(many.value, {**many.details, "wall_ms": 1000 / alone.value})


def bare(scale: Scale) -> Sample:
    """The request of a poll and nothing else, one after the other on one connection."""
    with Stack() as stack:
        port = stack.door("git-host", "bench.git_host")
        connection = http.client.HTTPConnection(HOST, port, timeout=10)
        _ask(connection, scale.warm)
        began = time.monotonic_ns()
        _ask(connection, scale.events)
        seconds = (time.monotonic_ns() - began) / NS_PER_S
        connection.close()
    return Sample(scale.events / seconds)


def notes(side: Side) -> Sequence[str]:
    """What one poll costs, and what ten thousand repos at fifteen seconds would take."""
    found, rate = side.details, _MANY / _MANY_EVERY_S
    worker, of_redis = (found[f"cpu_us {name}"] / _US_PER_S for name in ("git", "redis"))
    each = f"{found['wall_ms']:.1f} ms when they are made one after the other"
    commands = f"{found['commands']:.1f} Redis commands, those inside scripts included"
    many = f"{_MANY:,} repos every {_MANY_EVERY_S} s are {rate:,.0f} polls/s"
    cores = f"{rate * worker:.1f} cores of workers and {rate * of_redis:.2f} of Redis"
    return (
        f"one poll: {each}; {commands}",
        f"{many}: {rate / side.value:.1f} such workers; {cores}; {rate * found['commands']:,.0f} commands/s",
    )


def _polled(scale: Scale, threads: int) -> Sample:
    count = min(_REPOS, scale.events)
    with Stack(profile=scale.profile) as stack:
        port = stack.door("git-host", "bench.git_host")
        gateway = _watched(stack, port, count)
        stack.git_worker(threads)
        stack.sweeper()
        _wait(stack, "every repo stands at its commit", lambda: _announced(stack, gateway) == count)
        first = polls(port)
        _wait(stack, "the first polls that find nothing new", lambda: polls(port) >= first + scale.warm)
        before, commands, began = polls(port), _commands(stack), time.monotonic_ns()
        with Processor(stack) as processor:
            _wait(stack, "the polls", lambda: polls(port) >= before + scale.events)
        made, seconds = polls(port) - before, (time.monotonic_ns() - began) / NS_PER_S
        found = {"commands": (_commands(stack) - commands) / made, **processor.per(made)}
    return Sample(made / seconds, found)


def _wait(stack: Stack, what: str, ask: Callable[[], bool]) -> None:
    def answered() -> bool:
        stack.check()
        return ask()

    until(what, answered, _PATIENCE_S)


def _announced(stack: Stack, gateway: str) -> int:
    return stack.store.run(counts(gateway)).get("event:accepted", 0)


def _commands(stack: Stack) -> int:
    """How many commands Redis has run, those inside scripts included."""
    info: bytes = stack.store.client.execute_command("INFO", "commandstats")
    return sum(
        int(line.partition(b"calls=")[2].partition(b",")[0]) for line in info.split() if b"calls=" in line
    )


def _watched(stack: Stack, port: int, count: int) -> str:
    """A gateway that watches so many repositories of a host; its id."""
    gateway, now = stack.target().gateway, time.time_ns() // 1_000_000
    sealer = Sealer(keyring.load(stack.folder / "secrets"), os.urandom)
    receiver = Webhook(
        _id("whk", now),
        gateway,
        "git",
        "",
        GIT,
        require_signature=False,
        hourly_limit=1,
        created_at=now,
        version=1,
    )
    stack.store.run(webhooks.create(StoredWebhook(receiver, b"nobody calls", b""), receiver.id))
    wishes = (
        _wish(sealer, gateway, f"http://{HOST}:{port}/app-{number}.git", now) for number in range(count)
    )
    puts = [repos.put(wish, _id("job", now), _id("job", now), now, most=count) for wish in wishes]
    stack.store.run(together(puts))
    return gateway


def _wish(sealer: Sealer, gateway: str, url: str, now: int) -> Wish:
    repo, spec = _id("rep", now), RepoSpec(url, branch="main", polling_interval_ms=_INTERVAL_MS)
    sealed = repos.seal_spec(sealer, gateway, repo, spec, now)
    return Wish(gateway, f"bench/{repo}", repo, 0, spec, sealed)


def _id(kind: Kind, now: int) -> str:
    return new_id(kind, now, os.urandom(ENTROPY_BYTES))


def _ask(connection: http.client.HTTPConnection, times: int) -> None:
    for _ in range(times):
        connection.request("POST", f"/app-0.git{ASKING}", QUESTION)
        answer = connection.getresponse()
        if answer.status != http.HTTPStatus.OK or not answer.read():
            raise BenchError("The Git host does not answer.")
