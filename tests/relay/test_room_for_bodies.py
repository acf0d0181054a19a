"""Connectors that do not read fill a bounded part of the relay's memory, and hold up nobody else."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from domain.delivery import Delivery
from relay.server import app
from relay.server.room import Room
from relay.server.shipping import GROUP_BYTES, groups, held_bytes
from relay.tunnel.messages import Hello, Parcel, Welcome
from store.connect import SyncStore
from store.deliveries import Taken
from tests.dialogue import dialogue
from tests.running_relay import context_of, relay
from tests.tenant import Tenant, fresh
from tests.waiting import WAIT_S, until

MIB = 1024 * 1024
STALLED = 6
EVENTS = 16


def taken(kept: int) -> Taken:
    return Taken(
        Delivery("dlv_1", "evt_1", "sub_1", 1, 1, 1, 30), "gw_1", "whk_1", "hook", "github", "", "", 0, kept
    )


async def nothing() -> None:
    """What is to be done meanwhile."""


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([10, 20, 30], [[10, 20, 30]]),
        ([GROUP_BYTES, 1, GROUP_BYTES - 1, 1], [[GROUP_BYTES], [1, GROUP_BYTES - 1], [1]]),
        ([3 * GROUP_BYTES, 1], [[3 * GROUP_BYTES], [1]]),
    ],
)
def test_bodies_are_fetched_by_their_bytes(sizes: list[int], expected: list[list[int]]) -> None:
    assert [[item.kept for item in group] for group in groups([taken(size) for size in sizes])] == expected


def test_a_group_counts_what_is_opened_too() -> None:
    assert held_bytes([taken(10), taken(30)]) == 40 + 2 * 30


async def test_a_gateway_with_its_share_is_passed_over_and_others_are_not() -> None:
    room = Room(most=10, share=6)
    order: list[str] = []
    may_end = asyncio.Event()

    async def fill(name: str, gateway: str, size: int) -> None:
        async with room.place(gateway, size, nothing):
            order.append(name)
            await may_end.wait()

    wishes = [("a", "gw_1", 4), ("b", "gw_1", 4), ("c", "gw_2", 99), ("d", "gw_3", 1)]
    tasks = [asyncio.create_task(fill(*wish)) for wish in wishes]
    await until(lambda: len(order) == 2)
    assert (order, room.left) == (["a", "c"], 0)
    may_end.set()
    await asyncio.wait_for(asyncio.gather(*tasks), WAIT_S)
    assert (sorted(order), room.left) == (["a", "b", "c", "d"], 10)


async def test_who_stops_to_wait_leaves_no_trace() -> None:
    room = Room(most=10, share=10)
    async with room.place("gw_1", 10, nothing):

        async def wait_in_vain() -> None:
            async with room.place("gw_2", 1, nothing):
                raise AssertionError("there is no room")

        waiting = asyncio.create_task(wait_in_vain())
        await asyncio.wait([waiting], timeout=0.01)
        waiting.cancel()
        await asyncio.wait([waiting])
    assert room.left == 10


async def test_many_tunnels_that_do_not_read_fill_a_bounded_part_of_the_memory(
    tenant: Tenant, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms: list[Room] = []

    def small_room() -> Room:
        rooms.append(Room(most=16 * MIB, share=8 * MIB))
        return rooms[0]

    monkeypatch.setattr(app, "Room", small_room)
    served = [tenant.subscribe(f"s{number}") for number in range(STALLED)]
    other = Tenant(SyncStore(redis_url))
    others = other.subscribe()
    for _ in range(EVENTS):
        tenant.post(*served, body=bytes(MIB))
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(relay(context_of(redis_url)))
        for number in range(STALLED):
            hello = Hello(fresh("tun"), (f"s{number}",), 64)
            talk = await stack.enter_async_context(dialogue(port, tenant.token, hello))
            talk.pause_reading()
            stack.callback(talk.cut)
        # Each place is for three times 1 MiB and a little; two of them are what 8 MiB have room for.
        await until(lambda: tenant.states().count("sent") == EVENTS * STALLED)
        await until(lambda: 8 * MIB <= rooms[0].left < 10 * MIB)
        healthy = await stack.enter_async_context(
            dialogue(port, other.token, Hello(fresh("tun"), ("ci",), 8))
        )
        assert isinstance(await healthy.hear(), Welcome)
        other.post(others, body=bytes(MIB))
        parcel = await healthy.hear()
        assert isinstance(parcel, Parcel)
        assert len(parcel.envelope) > MIB
        await until(lambda: 8 * MIB <= rooms[0].left < 10 * MIB)
    other.store.close()
