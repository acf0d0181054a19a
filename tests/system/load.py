"""Posting many events at once, and remembering which were accepted."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

CONCURRENCY = 32
PAUSE_S = 0.05
TRIES = 400
SENDERS = 4
PACE_S = 0.02


@dataclass
class Posted:
    """What senders were told."""

    accepted: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)


async def post_many(url: str, count: int, posted: Posted | None = None, *, stubborn: bool = False) -> Posted:
    """Post `count` distinct events; a stubborn sender repeats what was not accepted, as real ones do."""
    told = posted or Posted()
    gate = asyncio.Semaphore(CONCURRENCY)
    connector = aiohttp.TCPConnector(limit=CONCURRENCY)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def one(number: int) -> None:
            async with gate:
                for _ in range(TRIES if stubborn else 1):
                    if await _offer(session, url, number, told):
                        return
                    # A sender's own pause before it repeats; nothing is waited for here.
                    await asyncio.sleep(PAUSE_S if stubborn else 0)

        await asyncio.gather(*(one(number) for number in range(count)))
    return told


@asynccontextmanager
async def under_load(url: str, senders: int = SENDERS) -> AsyncGenerator[Posted]:
    """Senders post distinct events for the length of the block; each repeats what was not accepted."""
    posted, go_on = Posted(), asyncio.Event()
    go_on.set()

    async def sender(session: aiohttp.ClientSession, number: int) -> None:
        while go_on.is_set():
            if await _offer(session, url, number, posted):
                number += senders
            # A sender's own pace; nothing is waited for here.
            await asyncio.sleep(PACE_S)

    async with aiohttp.ClientSession() as session:
        posting = asyncio.gather(*(sender(session, first) for first in range(senders)))
        try:
            yield posted
        finally:
            go_on.clear()
            await posting


async def _offer(session: aiohttp.ClientSession, url: str, number: int, told: Posted) -> bool:
    try:
        async with session.post(url, data=b'{"number": %d}' % number) as response:
            told.statuses[response.status] += 1
            if response.status == 202:
                told.accepted.add((await response.json())["id"])
                return True
    except aiohttp.ClientError:
        told.statuses[0] += 1
    return False
