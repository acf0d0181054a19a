"""The real ingress on a real socket, for tests, with one webhook behind a token."""

import http.client
import json
import os
import signal
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import uvicorn

from cli import door
from cli.certificate import Pair
from domain.networks import Networks
from domain.vault import Vault
from domain.webhook import VerifyAt, Webhook
from ingress.context import IngressContext
from ingress.meters import Meters
from ingress.protocol import BoundedProtocol, Bounds
from ingress.serve import busy, server
from store import tokens, webhooks
from store.connect import AsyncStore, SyncStore
from store.events import BatchLimits
from store.sealing import KeyRing, Sealer
from store.stopping import PATIENCE, Patience
from store.webhook_change import Change
from store.webhooks import StoredWebhook, seal_token, seal_vault
from tests.vaults import sealed_secrets, vault_with
from tests.world import LIMITS

RING = KeyRing({b"0001": bytes(range(32))}, b"0001")
PUBLIC_URL = "https://hooks.example.com"
HEAD_LIMIT_BYTES = 32 * 1024


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class PublicDoor:
    """An ingress and the store behind it; `tls` is what its clients trust."""

    port: int
    store: SyncStore
    sealer: Sealer
    server: uvicorn.Server
    thread: threading.Thread
    tls: ssl.SSLContext | None = None

    def webhook(  # noqa: PLR0913 - each is what one test is about
        self,
        name: str = "hook",
        sender: str = "custom",
        secrets: Sequence[bytes] = (),
        *,
        required: bool = False,
        hourly_limit: int = 1000,
        gateway: str = "gw_1",
        https_only: bool = False,
        allow_ips: Sequence[str] = (),
        verify_at: VerifyAt = "workers",
        parameters: Mapping[str, str] | None = None,
    ) -> str:
        """The token of a new webhook."""
        token = tokens.url_token(os.urandom(24))
        made = Webhook(
            *(f"whk_{name}", gateway, name, "", sender, required, hourly_limit, now_ms(), 1),
            https_only=https_only,
            allow_ips=tuple(allow_ips),
            verify_at=verify_at,
        )
        vault = replace(vault_with(secrets, now_ms()), parameters=parameters or {})
        sealed = seal_vault(self.sealer, gateway, made.id, vault, now_ms())
        sealed_token = seal_token(self.sealer, gateway, made.id, token, now_ms())
        self.store.run(webhooks.create(StoredWebhook(made, sealed_token, sealed), tokens.hashed(token)))
        return token

    def change(self, name: str = "hook", gateway: str = "gw_1", **wanted) -> None:
        found = self.store.run(webhooks.find(gateway, name))
        assert found is not None
        assert self.store.run(webhooks.change(found.webhook, Change(**wanted)))

    def set_secrets(self, secrets: Sequence[bytes], name: str = "hook", sealer: Sealer | None = None) -> None:
        """Give a webhook of gw_1 other secrets, sealed by somebody else if need be."""
        sealed = sealed_secrets(sealer or self.sealer, "gw_1", f"whk_{name}", secrets, now_ms())
        self.change(name, sealed_secrets=sealed)

    def vault(self, name: str = "hook") -> Vault:
        found = self.store.run(webhooks.find("gw_1", name))
        assert found is not None
        return webhooks.open_vault(self.sealer, found)

    def connection(self) -> http.client.HTTPConnection:
        if self.tls is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=self.tls)

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        **options,
    ) -> Answer:
        connection = self.connection()
        try:
            connection.request(method, path, body, headers or {}, **options)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()

    @property
    def held(self) -> int:
        """Bytes of bodies and their sealed copies in the room."""
        protocol = self.server.config.http
        assert isinstance(protocol, type)
        assert issubclass(protocol, BoundedProtocol)
        return protocol.room.held

    def stop(self) -> None:
        """What the signal does."""
        self.server.handle_exit(signal.SIGTERM, None)

    def post(self, token: str, body: bytes = b"{}", headers: dict[str, str] | None = None) -> Answer:
        return self.request("POST", f"/t/{token}", body, headers)


@contextmanager
def public_door(  # noqa: PLR0913 - each is what one test is about
    redis_url: str,
    limits: BatchLimits | None = None,
    *,
    body_timeout_s: float = 20,
    header_timeout_s: float = 20,
    high_water: float = 0.9,
    connection_limit: int = 1000,
    body_room: int = 128 << 20,
    ring: KeyRing = RING,
    pair: Pair | None = None,
    trust: ssl.SSLContext | None = None,
    clock_ms: Callable[[], int] = now_ms,
    patience: Patience = PATIENCE,
    trusted: Sequence[str] = (),
    git_gateway: str = "",
    meters: Meters | None = None,
) -> Iterator[PublicDoor]:
    """An ingress that runs for the length of the block."""
    context = IngressContext(
        store=AsyncStore(redis_url),
        sealer=Sealer(ring, os.urandom),
        clock_ms=clock_ms,
        entropy=os.urandom,
        limits=limits or replace(LIMITS),
        public_url=PUBLIC_URL,
        high_water=high_water,
        trusted=Networks.of(trusted),
        git_gateway=git_gateway,
        meters=meters or Meters(),
    )
    serving = server(
        context,
        "127.0.0.1",
        0,
        Bounds(
            *(HEAD_LIMIT_BYTES, header_timeout_s, body_timeout_s, connection_limit, busy, body_room),
            context.meters.answered,
        ),
        patience,
    )
    started = threading.Event()
    original = serving.startup

    async def startup(*args, **options) -> None:
        await original(*args, **options)
        started.set()

    serving.startup = startup
    thread = threading.Thread(target=door.run, args=(serving, pair, header_timeout_s))
    thread.start()
    store = SyncStore(redis_url)
    try:
        assert started.wait(20)
        port = serving.servers[0].sockets[0].getsockname()[1]
        yield PublicDoor(port, store, Sealer(ring, os.urandom), serving, thread, trust)
    finally:
        store.close()
        serving.should_exit = True
        thread.join(20)
