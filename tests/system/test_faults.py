"""kill -9 of each process under load: what was answered 202 arrives, and the ledger balances."""

from collections import Counter
from pathlib import Path

import pytest

from tests.system.load import Posted, post_many, under_load
from tests.system.stack import Stack, Subscriber, gateway, until

SENDERS = 32
MORE = 400
QUICK = {"RECOVERY_S": 2, "JOB_TIMEOUT_S": 2, "TUNNEL_LEASE_S": 3, "HEARTBEAT_S": 1}


async def more(posted: Posted) -> None:
    """Wait until some more are accepted: more than are under way at a time, so that one at least is new."""
    enough = len(posted.accepted) + MORE
    await until(lambda: len(posted.accepted) >= enough, "load")


async def nothing_under_way(stack: Stack) -> None:
    await until(
        lambda: not stack.count("event:waiting") and not stack.count("delivery:in_flight"),
        "nothing under way",
    )


async def survive(stack: Stack, local: Subscriber, victim: str, kills: int = 2) -> Counter[str]:
    """Post events, kill the victim while they come, and wait until all that was accepted has arrived."""
    webhook = stack.webhook()
    stack.subscribe()
    await stack.connect(app=local.url)
    async with under_load(webhook["url"], SENDERS) as posted:
        for _ in range(kills):
            await more(posted)
            await stack.crash(victim)
        await more(posted)
    await until(lambda: posted.accepted <= set(local.events()), "every accepted event at the subscriber")
    await nothing_under_way(stack)
    assert stack.running.restarts(victim) >= kills
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


def on_disk(stack: Stack) -> bool:
    """Whether the disk has all that was written before this; False: not within a second."""
    execute = stack.store.client.execute_command
    # WAITAOF waits for the last write of its own connection, before which is all that was accepted.
    execute("SET", "written", "last")
    execute("DEL", "written")
    return execute("WAITAOF", 1, 0, 1000)[0] == 1


async def test_with_everysec_a_killed_redis_loses_the_last_moments_at_most(
    tmp_path: Path, local: Subscriber
) -> None:
    async with gateway(tmp_path, **QUICK, APPENDFSYNC="everysec") as stack:
        webhook = stack.webhook()
        stack.subscribe()
        await stack.connect(app=local.url)
        local.gate.clear()  # what has arrived before could not be lost any more
        async with under_load(webhook["url"], SENDERS) as posted:
            await more(posted)
            old = set(posted.accepted)
            await until(lambda: on_disk(stack), "what is old is on disk")
            await more(posted)
            await stack.crash("redis")
            local.gate.set()
            await more(posted)
        await nothing_under_way(stack)
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
