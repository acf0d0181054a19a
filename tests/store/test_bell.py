"""The bell over a real Redis: what is rung is heard, and a lost connection is noticed or renewed."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import redis

from store.bell import Bell, Renewed, Revoked, Rung, hearing
from store.connect import AsyncStore


@pytest.fixture
async def bell(redis_url: str) -> AsyncIterator[Bell]:
    store = AsyncStore(redis_url)
    async with hearing(store) as bell:
        yield bell
    await store.close()


async def test_what_is_rung_is_heard(bell: Bell, redis_url: str) -> None:
    assert await bell.next() == Renewed()
    with redis.Redis.from_url(redis_url) as client:
        client.publish("fleet:bell", "sub_1")
        client.publish("fleet:bell", "revoked gw_1")
    assert [await bell.next(), await bell.next()] == [Rung("sub_1"), Revoked("gw_1")]


async def test_a_connection_that_was_lost_is_renewed_and_says_so(bell: Bell, redis_url: str) -> None:
    assert await bell.next() == Renewed()
    with redis.Redis.from_url(redis_url) as client:
        client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    assert await bell.next() == Renewed()


async def test_a_quiet_connection_is_asked_whether_it_lives(
    bell: Bell, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await bell.next() == Renewed()
    monkeypatch.setattr("store.bell._SILENCE_S", 0.01)
    heard = asyncio.create_task(bell.next())
    # It pings while it waits, and goes on waiting when that is answered.
    await asyncio.wait([heard], timeout=0.1)
    assert not heard.done()
    with redis.Redis.from_url(redis_url) as client:
        client.publish("fleet:bell", "sub_2")
    assert await heard == Rung("sub_2")


class Mute:
    """A connection whose other end is gone without a word."""

    def __init__(self) -> None:
        self.pings = 0

    async def get_message(self, timeout: float) -> None:  # noqa: ASYNC109 - as in redis-py
        del timeout

    async def ping(self) -> None:
        self.pings += 1


async def test_a_connection_that_does_not_answer_is_lost() -> None:
    mute = Mute()
    with pytest.raises(redis.exceptions.ConnectionError, match="does not answer"):
        await Bell(mute).next()
    assert mute.pings == 1
