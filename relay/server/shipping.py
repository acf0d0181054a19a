"""Shipping: deliveries that were taken go to their connector, few bytes of them in memory at a time."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final

from relay.server.context import RelayContext
from relay.server.packing import parcel_of
from relay.server.room import Room
from relay.server.wire import Wire
from relay.tunnel.codec import encode
from store import deliveries
from store.deliveries import Taken

GROUP_BYTES: Final = 1024 * 1024


class Shipping:
    """Fetches the bodies of deliveries and writes them as parcels to one connection."""

    def __init__(self, context: RelayContext, wire: Wire, room: Room) -> None:
        self._context = context
        self._wire = wire
        self._room = room

    async def ship(
        self,
        taken: Sequence[Taken],
        breathe: Callable[[], Awaitable[None]],
        give_up: Callable[[Taken], None],
    ) -> None:
        """Send deliveries, in order.

        Args:
            taken: the deliveries; all are of one gateway.
            breathe: is called between them, so that the connection can say other things, too.
            give_up: is called with each delivery whose body is gone or cannot be opened.

        Raises:
            WireLostError: the connection is gone, or its other end does not read.
            redis.exceptions.RedisError: Redis is away.
        """
        for group in groups(taken):
            async with self._room.place(group[0].gateway, held_bytes(group), breathe):
                await self._ship(group, give_up, breathe)

    async def _ship(
        self,
        group: Sequence[Taken],
        give_up: Callable[[Taken], None],
        breathe: Callable[[], Awaitable[None]],
    ) -> None:
        sealed = await self._context.store.run(deliveries.bodies([item.delivery.event for item in group]))
        for number, item in enumerate(group):
            parcel = parcel_of(self._context, item, sealed[number])
            sealed[number] = None  # what is opened need not be kept sealed
            if parcel is None:
                give_up(item)
            else:
                frame = encode(parcel)
                await self._wire.write([frame])
                self._context.meters.sent(len(frame))
            await breathe()


def groups(taken: Sequence[Taken]) -> Iterator[list[Taken]]:
    """Neighbours whose bodies have up to GROUP_BYTES together; a larger one is a group of its own."""
    group: list[Taken] = []
    size = 0
    for item in taken:
        if group and size + item.kept > GROUP_BYTES:
            yield group
            group, size = [], 0
        group.append(item)
        size += item.kept
    if group:
        yield group


def held_bytes(group: Sequence[Taken]) -> int:
    """Bytes that a group fills at most: all that is sealed, and one of them opened and as a frame."""
    return sum(item.kept for item in group) + 2 * max(item.kept for item in group)
