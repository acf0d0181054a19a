"""kill -9 of each process under load: what was answered 202 arrives, and the ledger balances."""

import asyncio
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.system.load import Posted, post_many
from tests.system.stack import Stack, Subscriber, gateway, until

EVENTS = 1500
QUICK = {"RECOVERY_S": 2, "JOB_TIMEOUT_S": 2, "TUNNEL_LEASE_S": 3, "HEARTBEAT_S": 1}


async def survive(stack: Stack, local: Subscriber, victim: str, kills: int = 2) -> Counter[str]:
    """Post events, kill the victim while they come, and wait until all that was accepted has arrived."""
    webhook = stack.webhook()
    stack.subscribe()
    await stack.connect(app=local.url)
    posted = Posted()
    posting = asyncio.create_task(post_many(webhook["url"], EVENTS, posted, stubborn=True))
    for kill in range(kills):
        threshold = (kill + 1) * EVENTS // (kills + 2)
        await until(lambda: len(posted.accepted) >= threshold, "load")  # noqa: B023 - awaited at once
        stack.kill(victim)
    await posting
    assert len(posted.accepted) >= EVENTS
    await until(lambda: posted.accepted <= set(local.events()), "every accepted event at the subscriber")
    await until(
        lambda: not stack.count("event:waiting") and not stack.count("delivery:in_flight"),
        "nothing under way",
    )
    assert stack.running.restarts(victim) >= 1
    assert stack.differences() == []
    return Counter(local.events())


@pytest.mark.parametrize("victim", ["ingress", "events", "retries", "sweeper", "relay", "connector"])
async def test_nothing_accepted_is_lost(tmp_path: Path, local: Subscriber, victim: str) -> None:
    async with gateway(tmp_path, **QUICK) as stack:
        arrived = await survive(stack, local, victim)
        duplicates = sum(arrived.values()) - len(arrived)
        if victim not in {"relay", "connector"}:
            assert duplicates == 0, f"{victim}: {duplicates} duplicates"


async def test_redis_killed_under_load_loses_nothing(tmp_path: Path, local: Subscriber) -> None:
    async with gateway(tmp_path, **QUICK) as stack:
        await survive(stack, local, "redis", kills=1)


async def test_with_everysec_a_killed_redis_loses_the_last_moments_at_most(
    tmp_path: Path, local: Subscriber
) -> None:
    async with gateway(tmp_path, **QUICK, APPENDFSYNC="everysec") as stack:
        webhook = stack.webhook()
        stack.subscribe()
        await stack.connect(app=local.url)
        assert stack.gateway  # known from here on: the relay may need a moment after Redis
        posted = Posted()
        posting = asyncio.create_task(post_many(webhook["url"], 4 * EVENTS, posted, stubborn=True))
        await until(lambda: len(posted.accepted) > EVENTS // 2, "load")
        old, then = set(posted.accepted), time.monotonic()
        # Redis postpones a write for 2 s at most while the disk is busy (redis.conf, appendfsync).
        await until(lambda: time.monotonic() - then > 2.0, "what is old is on disk")
        stack.kill("redis")
        await posting
        await until(
            lambda: not stack.count("event:waiting") and not stack.count("delivery:in_flight"),
            "nothing under way",
        )
        lost = posted.accepted - set(local.events())
        assert not lost & old
        assert stack.differences() == []
        print(f"\neverysec, Redis killed: {len(lost)} of {len(posted.accepted)} accepted events lost")  # noqa: T201 - counted, for the documents


async def test_a_connector_that_was_away_gets_everything_once(stack: Stack, local: Subscriber) -> None:
    webhook = stack.webhook()
    stack.subscribe()
    posted = await post_many(webhook["url"], 5000)
    assert posted.statuses == {202: 5000}
    await until(lambda: stack.count("delivery:in_flight") == 5000, "all fanned out")
    await stack.connect(app=local.url)
    await stack.settled(5000)
    assert Counter(local.events()) == Counter(posted.accepted)
    assert stack.differences() == []
