"""A real relay on a real socket over a real Redis, and connectors to it, all in the loop of one test."""

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import uvicorn

from domain.delivery import Outcome
from domain.envelope import pack
from domain.event import Request
from domain.gateway import Gateway
from domain.ids import new_id
from domain.subscription import Subscription
from domain.webhook import Webhook
from relay.connector.connector import Connector, ConnectorConfig
from relay.connector.http_target import HttpTarget, new_session
from relay.connector.observer import Observer
from relay.connector.target import Answer, Arrival, Target
from relay.server.context import RelayContext
from relay.server.serve import server
from relay.tunnel.codec import decode, encode
from relay.tunnel.messages import Beat, Hello, Message, Welcome
from store import events, gateways, subscriptions, tokens, webhooks
from store.connect import AsyncStore, SyncStore
from store.events import Candidate, Decision
from store.sealing import KeyRing, Sealer, event_place
from store.webhooks import StoredWebhook
from tests.world import LIMITS

RING = KeyRing({b"0001": bytes(32)}, b"0001")
WAIT_S = 10.0


def clock_ms() -> int:
    return time.time_ns() // 1_000_000


def fresh(kind: Any) -> str:
    return new_id(kind, clock_ms(), os.urandom(9))


def context_of(redis_url: str, **changes: Any) -> RelayContext:
    context = RelayContext(
        store=AsyncStore(redis_url),
        sealer=Sealer(RING, os.urandom),
        clock_ms=clock_ms,
        dice=lambda: 0.5,
        entropy=os.urandom,
        retry_schedule_s=(5, 30),
        lease_ms=15_000,
        heartbeat_s=5,
        public_url="https://hooks.example.org",
        hourly_limit=1000,
    )
    return replace(context, **changes)


@asynccontextmanager
async def relay(context: RelayContext, port: int = 0) -> AsyncIterator[int]:
    """A relay; gives its port. Ends as at SIGTERM."""
    listener = socket.create_server(("127.0.0.1", port))
    running: uvicorn.Server = server(context, "127.0.0.1", 0)
    serving = asyncio.create_task(running.serve(sockets=[listener]))
    try:
        yield listener.getsockname()[1]
    finally:
        running.should_exit = True
        await serving


@dataclass
class Tenant:
    """A gateway with a webhook: makes subscriptions and events, and looks what became of deliveries."""

    store: SyncStore
    sealer: Sealer = field(default_factory=lambda: Sealer(RING, os.urandom))
    gateway: Gateway = field(init=False)
    token: str = field(init=False)
    webhook: Webhook = field(init=False)

    def __post_init__(self) -> None:
        gateway_id = fresh("gw")
        self.gateway = Gateway(gateway_id, gateway_id[-10:], clock_ms())
        self.token = tokens.access_token(os.urandom(32))
        self.store.run(gateways.create(self.gateway, tokens.hashed(self.token)))
        self.webhook = Webhook(
            id=fresh("whk"),
            gateway=gateway_id,
            name="hook",
            description="",
            sender="github",
            require_signature=False,
            hourly_limit=1_000_000,
            created_at=clock_ms(),
            version=1,
        )
        self.store.run(webhooks.create(StoredWebhook(self.webhook, b"-", b""), self.webhook.id))

    def subscribe(self, name: str = "ci", timeout_s: int = 30) -> str:
        made = Subscription(
            fresh("sub"), self.gateway.id, name, (self.webhook.id,), (), timeout_s, clock_ms()
        )
        self.store.run(subscriptions.create(made))
        return made.id

    def post(self, *to: str, body: bytes = b"{}", request: Request | None = None) -> str:
        """An event, fanned out to subscriptions. Returns its id."""
        request = request or Request("POST", b"", b"", ((b"content-type", b"application/json"),), body)
        event, now_ms = fresh("evt"), clock_ms()
        sealed = self.sealer.seal(pack(request), event_place(self.gateway.id, self.webhook.id, event), now_ms)
        candidate = Candidate(
            event, self.gateway.id, self.webhook.id, 1, 1_000_000, now_ms, len(request.body), sealed
        )
        [accepted] = self.store.run(events.accept([candidate], LIMITS, fresh("job"), now_ms))
        assert accepted.verdict == "accepted"
        decision = Decision(event, "push", "github-sha256", "", "", to)
        assert self.store.run(events.fan_out([decision], now_ms, LIMITS.retention_ms, 0, 0)) == ["fanned_out"]
        return event

    def deliveries(self) -> dict[str, str]:
        """State of every delivery."""
        found = self.command("KEYS", "fleet:delivery:*")
        return {key.decode()[15:]: self.fact(key.decode()[15:], "state") for key in found}

    def states(self) -> list[str]:
        return sorted(self.deliveries().values())

    def count(self, bucket: str) -> int:
        """How many deliveries stand in a bucket of the ledger."""
        return int(self.command("HGET", f"fleet:counts:{self.gateway.id}", f"delivery:{bucket}") or 0)

    def fact(self, delivery: str, name: str) -> str:
        return self.command("HGET", f"fleet:delivery:{delivery}", name).decode()

    def tunnels(self) -> int:
        return self.command("SCARD", f"fleet:tunnels:{self.gateway.id}")

    def command(self, *parts: Any) -> Any:
        return self.store.client.execute_command(*parts)


@dataclass
class Recorder(Observer):
    """Remembers what a connector did."""

    welcomes: list[Welcome] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    attempts: list[tuple[Arrival, Answer]] = field(default_factory=list)

    def on_connected(self, welcome: Welcome) -> None:
        self.welcomes.append(welcome)

    def on_disconnected(self, reason: str, next_try_s: float) -> None:
        assert 0 < next_try_s <= 30
        self.losses.append(reason)

    def on_delivery(self, arrival: Arrival, answer: Answer, duration_ms: float) -> None:
        assert duration_ms >= 0
        self.attempts.append((arrival, answer))


@dataclass
class Running:
    """A connector at work."""

    connector: Connector
    recorder: Recorder
    task: asyncio.Task[None]

    async def stop(self) -> None:
        self.connector.stop()
        await self.task

    async def connected(self, times: int = 1) -> None:
        await until(lambda: len(self.recorder.welcomes) >= times)

    async def attempted(self, count: int) -> list[tuple[Arrival, Answer]]:
        await until(lambda: len(self.recorder.attempts) >= count)
        return self.recorder.attempts


@asynccontextmanager
async def connector(
    port: int, token: str, targets: Mapping[str, Target], **changes: Any
) -> AsyncGenerator[Running]:
    """A connector; what is left of it at the end is cancelled."""
    config = ConnectorConfig(f"http://127.0.0.1:{port}", token, **changes)
    recorder = Recorder()
    made = Connector(config, targets, recorder, clock_ms, lambda: 0.5, os.urandom)
    running = Running(made, recorder, asyncio.create_task(made.run()))
    try:
        yield running
    finally:
        running.task.cancel()
        await asyncio.wait([running.task])


@asynccontextmanager
async def http_targets(**urls: str) -> AsyncIterator[dict[str, Target]]:
    async with new_session(16) as session:
        yield {name: HttpTarget(session, url, clock_ms) for name, url in urls.items()}


class Scripted:
    """A target that answers what it is told to, once its gate is open, and counts what is under way."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers) or [Answer(Outcome.DELIVERED, "done")]
        self.arrivals: list[Arrival] = []
        self.under_way = 0
        self.most = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def deliver(self, arrival: Arrival) -> Answer:
        self.arrivals.append(arrival)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.gate.wait()
        await asyncio.sleep(0)
        self.under_way -= 1
        return self.answers[min(len(self.arrivals), len(self.answers)) - 1]


class Dialogue:
    """A WebSocket to a relay without a connector behind it: says what a test wants said."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        self.websocket = websocket

    async def say(self, message: Message) -> None:
        frame = encode(message)
        assert isinstance(frame, str)
        await self.websocket.send_str(frame)

    async def hear(self) -> Message:
        """The next message that is not a beat."""
        while True:
            frame = await asyncio.wait_for(self.websocket.receive(), WAIT_S)
            assert frame.type in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}, frame
            message = decode(frame.data)
            if not isinstance(message, Beat):
                return message

    async def hung_up(self) -> int | None:
        """The code with which the relay closes."""
        async with asyncio.timeout(WAIT_S):
            async for _ in self.websocket:
                pass
        return self.websocket.close_code


@asynccontextmanager
async def dialogue(port: int, token: str, hello: Hello | None = None) -> AsyncIterator[Dialogue]:
    headers = {"authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{port}/tunnel", headers=headers) as websocket,
    ):
        talk = Dialogue(websocket)
        if hello is not None:
            await talk.say(hello)
        yield talk


async def until(holds: Any, wait_s: float = WAIT_S) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(wait_s):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in other processes, too
            await asyncio.sleep(0.005)


@asynccontextmanager
async def cuttable(port: int) -> AsyncIterator[tuple[int, Any]]:
    """A way to a port that can be cut: gives its own port and the function that cuts all connections."""
    writers: set[asyncio.StreamWriter] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        writers.update((writer, far_writer))
        await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))

    def cut() -> None:
        for writer in writers:
            writer.transport.abort()
        writers.clear()

    way = await asyncio.start_server(join, "127.0.0.1", 0)
    async with way:
        yield way.sockets[0].getsockname()[1], cut
        cut()
