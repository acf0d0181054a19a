"""The keeper: has a link to the relay, or is about to have one again."""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

import aiohttp

from relay.connector.backoff import Backoff
from relay.connector.errors import LinkLostError, MovedError, SaidAnewError
from relay.connector.link import Link, connect
from relay.connector.lookout import Lookout, Sight
from relay.connector.observer import Observer
from relay.connector.patience import Patience
from relay.tunnel.messages import Beat, Message, Parcel, ProtocolError, Settled
from store.tasks import end

_CALM_S: Final = 10.0
"""Who was asked to move after so long a time moves at once, however often that happened before."""

_SLEPT: Final = "This machine slept, or its clock was set."
_ADDRESS_GONE: Final = "This machine has another address now."
_OVERTAKEN: Final = "The network changed, or this machine slept."


class Speaker(Protocol):
    """Who speaks over the links that a keeper has."""

    def greet(self) -> None:
        """There is a new link; say hello."""
        ...

    def hear(self, message: Message) -> None:
        """The relay says this."""
        ...

    def pause(self) -> None:
        """The link is gone."""
        ...


class Keeper:
    """Makes a link, notices when it is dead, and makes it anew, without end."""

    def __init__(
        self,
        target: tuple[str, str],
        speaker: Speaker,
        observer: Observer,
        lookout: Lookout,
        dice: Callable[[], float],
    ) -> None:
        """A keeper without a link.

        Args:
            target: URL of the tunnel, and the access token.
            speaker: is told of links and messages.
            observer: is told when there is no link, and why.
            lookout: sees what ends links before they notice.
            dice: a random number in [0, 1), for jitter.
        """
        self._target = target
        self._speaker = speaker
        self._observer = observer
        self._lookout = lookout
        self._backoff = Backoff(dice)
        self._moves = Backoff(dice)
        self._connecting = Patience()
        self._resting = Patience()
        self._link: Link | None = None
        self._is_leaving = False

    def send(self, message: Message) -> None:
        """Say something over the link, if there is one."""
        if self._link is not None:
            self._link.send(message)

    def opened(self, heartbeat_s: float) -> None:
        """The relay has welcomed us."""
        if self._link is not None:
            self._link.opened(heartbeat_s)

    def hurry(self) -> None:
        """Rest no longer, if there is no link."""
        self._resting.lose()

    def say_anew(self) -> None:
        """Say hello again, on a new link."""
        if self._link is not None:
            self._link.cut(SaidAnewError())

    def leave(self) -> None:
        """Make no other link: `run` returns when this one ends."""
        self._is_leaving = True

    async def run(self, session: aiohttp.ClientSession) -> None:
        """Have a link until asked to leave.

        Raises:
            TokenRefusedError: the relay does not accept the access token.
            TunnelRefusedError: the relay refuses the tunnel.
        """
        looking = asyncio.create_task(self._lookout.run(self._seen))
        try:
            await self._keep(session)
        finally:
            await end([looking])

    async def _keep(self, session: aiohttp.ClientSession) -> None:
        while True:
            began = asyncio.get_running_loop().time()
            loss = await self._hold_link(session)
            if self._is_leaving:
                return
            if isinstance(loss, SaidAnewError):
                continue
            if isinstance(loss, MovedError):
                await self._pause_before_move(str(loss), asyncio.get_running_loop().time() - began)
                continue
            pause_s = self._backoff.next_s()
            self._observer.on_disconnected(str(loss), pause_s)
            await self._resting.rest(pause_s)

    async def _pause_before_move(self, reason: str, held_s: float) -> None:
        # A relay that only ever says "moved" must not keep us busy, even if it says other things between.
        if held_s >= _CALM_S:
            self._moves.reset()
        pause_s = self._moves.next_s()
        self._observer.on_moved(reason, pause_s)
        await self._resting.rest(pause_s)

    async def _hold_link(self, session: aiohttp.ClientSession) -> Exception:
        """Hold a link until it is lost; the error says why."""
        try:
            self._link = Link(await self._connect(session), self._hear)
            if self._link.ends is not None:
                self._lookout.connected(*self._link.ends)
            self._speaker.greet()
            await self._link.run()
        except (LinkLostError, ProtocolError) as error:
            return error
        finally:
            self._link = None
            self._lookout.disconnected()
            self._speaker.pause()

    async def _connect(self, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        try:
            async with self._connecting.kept():
                return await connect(session, *self._target)
        except TimeoutError:
            raise LinkLostError(_OVERTAKEN) from None

    def _hear(self, message: Message) -> None:
        self._speaker.hear(message)
        if _is_work(message):
            self._backoff.reset()

    def _seen(self, sight: Sight) -> None:
        # Whatever the pauses were for was another network, or long ago.
        self._backoff.reset()
        if self._link is None:
            self._resting.lose()
            self._connecting.lose()
        elif sight is Sight.OTHER_WAY:
            self._link.doubt()
        else:
            self._link.cut(LinkLostError(_SLEPT if sight is Sight.SLEPT else _ADDRESS_GONE))


def _is_work(message: Message) -> bool:
    """Whether a relay that says this is well. One that welcomes us and fails at once is not yet."""
    match message:
        case Beat(number):
            return number > 1  # the first one comes with the welcome
        case Parcel() | Settled():
            return True
        case _:
            return False
