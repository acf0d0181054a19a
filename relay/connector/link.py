"""A link: the connector's end of one connection. It moves messages; what they mean, the machine knows."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NoReturn

import aiohttp

from relay.connector.errors import LinkLostError, TokenRefusedError
from relay.connector.network import Address
from relay.connector.trust import distrust
from relay.tunnel.codec import decode
from relay.tunnel.messages import MAX_PARCEL_BYTES, SILENT_BEATS, Beat, Message
from relay.tunnel.outbox import Outbox
from store.tasks import end

CONNECT_TIMEOUT_S: Final = 10.0
WRITE_TIMEOUT_S: Final = 10.0
DOUBT_S: Final = 3.0
"""How long a connection that is in doubt may take to give a sign of life."""

_CLOSE_TIMEOUT_S: Final = 2.0
_UNAUTHORIZED: Final = 401
# What another web server says. A proxy whose relay is away may say it too, so it is no reason to give up.
_NO_RELAY: Final = frozenset({200, 404, 405, 501})
_RESTART: Final = 1012
_DATA: Final = (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY)


def staying() -> aiohttp.TraceConfig:
    """What keeps a session from following redirects: aiohttp follows those of WebSockets unasked."""
    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(_stay)
    return trace


async def _stay(*_: object) -> None:
    raise LinkLostError("What answers there is no relay: it leads elsewhere; check FLEET_API_URL.")


async def connect(session: aiohttp.ClientSession, url: str, token: str) -> aiohttp.ClientWebSocketResponse:
    """A WebSocket to a relay.

    Raises:
        TokenRefusedError: the relay does not accept the access token.
        LinkLostError: the relay is not there, or not ready.
    """
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            return await session.ws_connect(
                url,
                headers={"authorization": f"Bearer {token}"},
                compress=0,
                autoping=False,  # we listen to pings and pongs ourselves
                max_msg_size=MAX_PARCEL_BYTES,
                timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_TIMEOUT_S),  # pyright: ignore[reportCallIssue] - attrs
            )
    except aiohttp.WSServerHandshakeError as error:
        if error.status == _UNAUTHORIZED:
            raise TokenRefusedError from None
        raise LinkLostError(_answered(error.status)) from None
    except TimeoutError:
        raise LinkLostError("The relay does not answer.") from None
    except aiohttp.ClientConnectorCertificateError as error:
        # No reason to give up: a renewed certificate cures it.
        raise LinkLostError(distrust("the relay", "FLEET_API_URL", error.certificate_error)) from None
    except aiohttp.ClientConnectorSSLError:
        raise LinkLostError("What answers there speaks no TLS, or not ours; check FLEET_API_URL.") from None
    except (aiohttp.ClientError, OSError):
        raise LinkLostError("The relay cannot be reached.") from None


def _answered(status: int) -> str:
    if status in _NO_RELAY:
        return f"What answers there is no relay, or not yet (status {status}); check FLEET_API_URL."
    return f"The relay answered {status}."


class Link:
    """One open connection."""

    def __init__(
        self, websocket: aiohttp.ClientWebSocketResponse, receive: Callable[[Message], None]
    ) -> None:
        """A link.

        Args:
            websocket: what `connect` gave.
            receive: is given each message; what it raises ends the link.
        """
        self._websocket = websocket
        self._receive = receive
        self._outbox = Outbox()
        self._wake = asyncio.Event()
        self._opened = asyncio.Event()
        self._heartbeat_s = 0.0
        self._silent_beats = 0
        self._doubted = asyncio.Event()
        self._heard = asyncio.Event()
        self._cut: asyncio.Future[LinkLostError] = asyncio.get_running_loop().create_future()
        self._is_dead = False

    @property
    def ends(self) -> tuple[Address, Address] | None:
        """The addresses of this end and of the other; None: the connection is gone already."""
        own, peer = (self._websocket.get_extra_info(name) for name in ("sockname", "peername"))
        return (own, peer) if own and peer else None

    def send(self, message: Message) -> None:
        """Send a message as soon as possible, together with others."""
        self._outbox.put(message)
        self._wake.set()

    def opened(self, heartbeat_s: float) -> None:
        """The relay has welcomed us; from now on we beat."""
        self._heartbeat_s = heartbeat_s
        self._opened.set()

    def doubt(self) -> None:
        """Ask for a sign of life now; without one the link ends soon."""
        self._doubted.set()

    def cut(self, error: LinkLostError) -> None:
        """End the link at once and without a word; `run` raises the error."""
        self._is_dead = True
        if not self._cut.done():
            self._cut.set_result(error)

    async def run(self) -> NoReturn:
        """Keep the link until it ends.

        Raises:
            LinkLostError: the connection is gone.
            ProtocolError: the relay said what it must not say.
            Exception: whatever `receive` raised.
        """
        parts = (self._listen(), self._write(), self._beat(), self._ask())
        work = [asyncio.create_task(part) for part in parts]
        try:
            await asyncio.wait([*work, self._cut], return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(work)
            await self._close()
        if self._cut.done():
            raise self._cut.result()
        errors = [task.exception() for task in work if not task.cancelled()]
        raise next(error for error in errors if error is not None)

    async def _listen(self) -> NoReturn:
        async for frame in self._websocket:
            self._silent_beats = 0
            self._heard.set()
            if frame.type is aiohttp.WSMsgType.PONG:
                continue  # of a doubt; and the relay sends one after each part of a large message
            if frame.type is aiohttp.WSMsgType.PING:
                await self._websocket.pong(frame.data)
                continue
            if frame.type not in _DATA:
                raise LinkLostError("The relay sent a frame that is too large or broken.")
            self._receive(decode(frame.data))
        if self._websocket.close_code == _RESTART:
            raise LinkLostError("The relay restarts.")
        raise LinkLostError("The relay closed the connection.")

    async def _write(self) -> NoReturn:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                async with asyncio.timeout(WRITE_TIMEOUT_S):
                    await self._write_all()
            except TimeoutError:
                raise self._dead("The relay does not read.") from None
            except (aiohttp.ClientError, OSError):
                raise LinkLostError("The connection to the relay is gone.") from None

    async def _write_all(self) -> None:
        for frame in self._outbox.frames():
            if isinstance(frame, str):
                await self._websocket.send_str(frame)
            else:
                await self._websocket.send_bytes(frame)

    async def _beat(self) -> NoReturn:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await self._opened.wait()
        except TimeoutError:
            raise LinkLostError("The relay does not greet us.") from None
        while True:
            await asyncio.sleep(self._heartbeat_s)
            self._silent_beats += 1
            if self._silent_beats > SILENT_BEATS:
                raise self._dead("The relay gives no sign of life.")
            self.send(Beat())

    async def _ask(self) -> NoReturn:
        while True:
            await self._doubted.wait()
            self._doubted.clear()
            self._heard.clear()
            try:
                async with asyncio.timeout(DOUBT_S):
                    await self._websocket.ping()
                    await self._heard.wait()
            except TimeoutError:
                raise self._dead("The network changed, and the relay gives no sign of life.") from None
            except (aiohttp.ClientError, OSError):
                raise LinkLostError("The connection to the relay is gone.") from None

    def _dead(self, sentence: str) -> LinkLostError:
        self._is_dead = True
        return LinkLostError(sentence)

    async def _close(self) -> None:
        # Who does not hear us would only keep us from a better connection with waiting for their goodbye.
        patience_s = 0 if self._is_dead else _CLOSE_TIMEOUT_S
        with suppress(TimeoutError, aiohttp.ClientError, OSError):
            async with asyncio.timeout(patience_s):
                await self._websocket.close()
