"""The tally of refusals at the real door: told at intervals, once, bounded, and without a call for each."""

import asyncio
import os

from redis.exceptions import ConnectionError as RedisAwayError

from ingress.tally import Tally
from store import refusals
from store.calls import Call
from store.connect import AsyncStore
from store.refusals import Refusals
from tests.public_door import PublicDoor, now_ms, public_door
from tests.waiting import until


def told(door: PublicDoor, name: str = "hook") -> dict[str, int]:
    [found] = door.store.run(refusals.of([f"whk_{name}"], now_ms()))
    return {reason: each.times for reason, each in found.items()}


def test_every_reason_is_counted_and_told_when_the_door_stops(redis_url: str) -> None:
    with public_door(redis_url) as door:
        large = {"Content-Length": "99999999"}
        tokens = {
            "secure": door.webhook("secure", https_only=True),
            "home": door.webhook("home", allow_ips=["192.0.2.7"]),
            "idle": door.webhook("idle"),
            "busy": door.webhook("busy", hourly_limit=1),
            "strict": door.webhook("strict", "github", [b"hush"], required=True, verify_at="ingress"),
        }
        door.change("idle", paused=True)
        for _ in range(3):
            for token in tokens.values():
                door.post(token)
        assert door.request("POST", f"/t/{tokens['busy']}", None, large).status in {413, 429}
        door.request("POST", f"/t/{tokens['strict']}", None, large)
        door.stop()
        door.thread.join(20)
        assert told(door, "secure") == {"plain_http": 3}
        assert told(door, "home") == {"not_allowed": 3}
        assert told(door, "idle") == {"paused": 3}
        assert told(door, "busy")["limited"] >= 2
        assert told(door, "strict") == {"missing_signature": 3, "too_large": 1}


async def test_refusals_are_told_while_the_door_is_open(door: PublicDoor) -> None:
    token = door.webhook()
    door.change(paused=True)
    assert (await asyncio.to_thread(door.post, token)).status == 503
    await until(lambda: told(door) == {"paused": 1})


class ForgetfulStore(AsyncStore):
    """Loses the answer of the first call that is not lost on the way."""

    lost = 0

    async def run(self, call: Call):
        found = await super().run(call)
        if not self.lost:
            self.lost += 1
            raise RedisAwayError
        return found


async def test_what_was_perhaps_told_is_told_again_and_counts_once(door: PublicDoor, redis_url: str) -> None:
    door.webhook()
    store = ForgetfulStore(redis_url)
    tally = Tally(store, now_ms, os.urandom)
    tally.count("whk_hook", "limited")
    await tally.tell_if_possible()
    tally.count("whk_hook", "limited")
    for _ in range(3):
        await tally.tell_if_possible()
    await store.close()
    assert await asyncio.to_thread(told, door) == {"limited": 2}


async def test_a_flood_is_bounded(redis_url: str, door: PublicDoor) -> None:
    door.webhook()
    store = AsyncStore(redis_url)
    tally = Tally(store, now_ms, os.urandom)
    for number in range(10_000):
        tally.count(f"whk_{number}", "limited")
        tally.count("whk_hook", "limited")
    assert len(tally._counted) == 500  # noqa: SLF001 - how much it holds
    await tally.tell()
    await store.close()
    [found] = door.store.run(refusals.of(["whk_hook"], now_ms()))
    assert found == {"limited": Refusals(10_000, found["limited"].last_at)}
