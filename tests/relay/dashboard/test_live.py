"""Live pages hear that something is new: all of them through one watcher, and no longer than they may."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from relay.server.dashboard import live
from store import gateways, ledger
from tests.running_relay import RunningRelay, context_of, stoppable
from tests.tenant import Tenant
from tests.waiting import WAIT_S


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_S", 0.02)


@pytest.fixture
async def running(redis_url: str) -> AsyncIterator[RunningRelay]:
    async with stoppable(context_of(redis_url)) as running:
        yield running


class Viewer:
    """Somebody at a live page."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[aiohttp.ClientResponse]:
        async with self.session.get(f"{self.url}/dashboard/live") as response:
            yield response


@asynccontextmanager
async def viewer(running: RunningRelay, token: str) -> AsyncIterator[Viewer]:
    url = f"http://127.0.0.1:{running.port}"
    # Cookies of addresses without a name are for the brave.
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        form, headers = {"token": token}, {"origin": url}
        answer = await session.post(
            f"{url}/dashboard/sign-in", data=form, headers=headers, allow_redirects=False
        )
        assert answer.status == 303
        yield Viewer(session, url)


async def heard(response: aiohttp.ClientResponse, event: str) -> None:
    """Until this was said."""
    async with asyncio.timeout(WAIT_S):
        async for line in response.content:
            if line == f"event: {event}\n".encode():
                return
    pytest.fail(f"the stream ended without {event}")


async def silent(response: aiohttp.ClientResponse) -> None:
    """Until the stream has ended."""
    async with asyncio.timeout(WAIT_S):
        async for _ in response.content:
            pass


async def begun(response: aiohttp.ClientResponse) -> None:
    assert response.status == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["x-accel-buffering"] == "no"
    assert await response.content.readline() == b"retry: 2000\n"


async def test_who_looks_hears_what_moves(running: RunningRelay, tenant: Tenant) -> None:
    async with viewer(running, tenant.token) as owner, owner.looking() as page:
        await begun(page)
        for name in ("a", "b", "c"):
            tenant.post(tenant.subscribe(name))
            await heard(page, "changed")


async def test_nobody_hears_of_another_gateway(
    running: RunningRelay, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "TICK_S", 0.2)
    other = Tenant(tenant.store)
    async with viewer(running, tenant.token) as owner, owner.looking() as page:
        await begun(page)
        other.post(other.subscribe())
        async with asyncio.timeout(WAIT_S):
            async for line in page.content:
                assert line != b"event: changed\n"
                if line == b"event: tick\n":
                    break


async def test_many_who_look_ask_redis_as_one(
    running: RunningRelay, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    original = ledger.counts

    def counted(gateway: str) -> Any:
        asked.append(gateway)
        return original(gateway)

    monkeypatch.setattr(live.ledger, "counts", counted)
    monkeypatch.setattr(live, "LOOK_S", 0.2)
    async with viewer(running, tenant.token) as owner:
        async with owner.looking() as one, owner.looking() as two, owner.looking() as three:
            for page in (one, two, three):
                await begun(page)
            tenant.post(tenant.subscribe())
            began = len(asked)
            await asyncio.gather(*(heard(page, "changed") for page in (one, two, three)))
            assert len(asked) - began <= 3
        # Nobody looks any more, so nobody asks.
        async with asyncio.timeout(WAIT_S):
            await asyncio.gather(
                *(_ended(task) for task in asyncio.all_tasks() if task.get_name() == live.NAME)
            )


async def _ended(task: asyncio.Task[Any]) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_a_revoked_token_ends_the_stream(
    running: RunningRelay, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "TICK_S", 0.05)
    async with viewer(running, tenant.token) as owner, owner.looking() as page:
        await heard(page, "tick")
        tenant.store.run(gateways.revoke(tenant.gateway.id))
        await silent(page)
        async with owner.looking() as again:
            assert again.status == 401


async def test_there_is_room_for_so_many(
    running: RunningRelay, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_OF_A_GATEWAY", 1)
    other = Tenant(tenant.store)
    async with viewer(running, tenant.token) as owner, viewer(running, other.token) as stranger:
        async with owner.looking() as page:
            await begun(page)
            async with owner.looking() as second:
                assert (second.status, second.headers["retry-after"]) == (503, "5")
            async with stranger.looking() as third:
                await begun(third)
            monkeypatch.setattr(live, "MOST_VIEWERS", 1)
            async with stranger.looking() as fourth:
                assert fourth.status == 503
        # Who leaves makes room.
        async with asyncio.timeout(WAIT_S):
            while True:
                async with owner.looking() as page:
                    if page.status == 200:
                        break


async def test_a_relay_that_stops_ends_its_streams(running: RunningRelay, tenant: Tenant) -> None:
    async with viewer(running, tenant.token) as owner, owner.looking() as page:
        await begun(page)
        stopping = asyncio.create_task(running.stopped())
        await silent(page)
        await stopping


async def test_who_is_not_signed_in_hears_nothing(running: RunningRelay) -> None:
    url = f"http://127.0.0.1:{running.port}"
    async with aiohttp.ClientSession() as session, Viewer(session, url).looking() as page:
        assert page.status == 401
