"""The control API on a real socket, for tests that ask it something."""

import contextlib
import http.client
import json
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.applications import Starlette

from domain.gateway import Gateway
from domain.ids import new_id
from relay.server.api import api_routes
from relay.server.context import RelayContext
from store import gateways, tokens
from store.connect import AsyncStore, SyncStore
from store.sealing import KeyRing, Sealer
from tests.described import HeldToDescription
from tests.world import World

PUBLIC_URL = "https://hooks.example.org"
RING = KeyRing({b"0001": bytes(32)}, b"0001")


def clock_ms() -> int:
    return time.time_ns() // 1_000_000


def context_of(redis_url: str) -> RelayContext:
    return RelayContext(
        store=AsyncStore(redis_url),
        sealer=Sealer(RING, os.urandom),
        clock_ms=clock_ms,
        dice=lambda: 0.5,
        entropy=os.urandom,
        retry_schedule_s=(5,),
        lease_ms=15_000,
        heartbeat_s=5,
        public_url=PUBLIC_URL,
        hourly_limit=1000,
    )


def application(context: RelayContext) -> Starlette:
    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await context.store.close()

    app = Starlette(routes=api_routes(), lifespan=lifespan)
    app.state.context = context
    app.add_middleware(HeldToDescription)
    return app


@contextlib.contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """An application on a socket of its own, in a thread; gives its address as host:port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, ws="none", loop="asyncio", proxy_headers=False)
        )
        # Requests wait in the socket's backlog until the server is up.
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextlib.contextmanager
def owner_door(redis_url: str) -> Iterator[str]:
    """The control API over a Redis; gives its address as host:port."""
    with serving(application(context_of(redis_url))) as address:
        yield address


def new_gateway(redis_url: str, name: str, *, is_operator: bool = False) -> tuple[Gateway, str]:
    """A gateway in the store, with its access token."""
    made_id = new_id("gw", clock_ms(), os.urandom(9))
    gateway = Gateway(made_id, name, clock_ms(), is_operator=is_operator)
    token = tokens.access_token(os.urandom(tokens.ACCESS_TOKEN_BYTES))
    store = SyncStore(redis_url)
    store.run(gateways.create(gateway, tokens.hashed(token)))
    store.close()
    return gateway, token


def ended_tokens(redis_url: str) -> list[str]:
    """Tokens that opened a gateway once: a revoked one, an expired one, one that was replaced."""
    (revoked, first), (expired, second), (replaced, third) = (
        new_gateway(redis_url, name) for name in ("revoked", "expired", "replaced")
    )
    store = SyncStore(redis_url)
    store.run(gateways.revoke(revoked.id))
    store.run(gateways.renew(expired.id, tokens.hashed(second + "2"), clock_ms() - 1))
    store.run(gateways.renew(replaced.id, tokens.hashed(third + "2")))
    store.close()
    return [first, second + "2", third]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def identity(self) -> tuple[int, list[tuple[str, str]], bytes]:
        """Everything a caller sees, but for the time of day."""
        return self.status, sorted(item for item in self.headers.items() if item[0] != "date"), self.raw


@dataclass(frozen=True)
class Owner:
    """Somebody who calls the control API with a token."""

    address: str
    token: str | None

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | Iterator[bytes] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        authorization = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        content = json.dumps(body).encode() if body is not None else raw
        connection = http.client.HTTPConnection(self.address, timeout=10)
        try:
            connection.request(
                method,
                f"/api/v1{path}",
                content,
                {**authorization, **(headers or {})},
                encode_chunked=isinstance(content, Iterator),
            )
            response = connection.getresponse()
            return Answer(
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                response.read(),
            )
        finally:
            connection.close()

    def webhook(self, name: str = "github", sender: str = "github", **more: object) -> Any:
        answer = self.ask("POST", "/webhooks", {"name": name, "sender": sender, **more})
        assert answer.status == 201, answer.raw
        return answer.json


def token_of(world: World, *, is_operator: bool = False) -> str:
    """An access token of a world's gateway."""
    token = tokens.access_token(os.urandom(tokens.ACCESS_TOKEN_BYTES))
    world.run(gateways.renew(world.gateway, tokens.hashed(token)))
    world.run(gateways.set_operator(world.gateway, is_operator=is_operator))
    return token


def pages(owner: Owner, path: str, things: str) -> Iterator[list[Any]]:
    """Page after page, as often as it takes."""
    cursor = ""
    while cursor is not None:
        answer = owner.ask("GET", path + cursor)
        assert answer.status == 200, answer.raw
        yield answer.json[things]
        cursor = answer.json["next"] and f"&cursor={answer.json['next']}"
