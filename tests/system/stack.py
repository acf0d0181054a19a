"""The whole gateway as real processes, for tests: supervised as `fleet up` does it, on ports of its own."""

import asyncio
import http.client
import json
import os
import re
import signal
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from aiohttp import web

from cli import first_gateway, surroundings
from cli.audit import examine
from cli.client import ControlApi
from cli.output import LogFiles
from cli.service import Service
from cli.stack import fleet, services
from cli.supervisor import BackOff, Supervisor
from config.settings import Settings, load
from store import gateways, ledger, rq_names, tokens
from store.connect import SyncStore

WAIT_S = 60.0
POLL_S = 0.02


def free_port() -> int:
    """A port that nobody is given for the next while but who asks for it by its number, as our services do.

    Its last connection waits in TIME_WAIT (RFC 9293, section 3.3.2) at the end that closed first, here the
    server's. Until that is over, the kernel neither chooses the port for a stranger nor refuses it to a
    server with SO_REUSEADDR. A port that was merely closed may be somebody else's by the time it is used.
    """
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        server.accept()[0].close()
        return server.getsockname()[1]


async def until(ask: Callable[[], bool], what: str, timeout_s: float = WAIT_S) -> None:
    """Wait until a condition holds; the test fails with `what` when it does not."""
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                if await asyncio.to_thread(ask):
                    return
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        raise AssertionError(f"not within {timeout_s:g} s: {what}") from None


@dataclass(frozen=True)
class Arrival:
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return dict(self.headers)[name]


@dataclass
class Subscriber:
    """A program on the private side; answers with what `answer` says."""

    url: str = ""
    arrivals: list[Arrival] = field(default_factory=list)
    answer: Callable[[Arrival], web.Response] = lambda _: web.Response()
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def receive(self, request: web.Request) -> web.Response:
        headers = tuple((name.decode(), value.decode("latin-1")) for name, value in request.raw_headers)
        arrival = Arrival(request.raw_path, headers, await request.read())
        self.arrivals.append(arrival)
        await self.gate.wait()
        return self.answer(arrival)

    def deliveries(self) -> list[str]:
        return [each.header("fleet-delivery") for each in self.arrivals]

    def events(self) -> list[str]:
        return [each.header("fleet-event") for each in self.arrivals]


@asynccontextmanager
async def subscriber() -> AsyncGenerator[Subscriber]:
    made = Subscriber()
    app = web.Application(client_max_size=4 << 20)
    app.router.add_route("*", "/{rest:.*}", made.receive)
    runner = web.AppRunner(app, access_log=None, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    made.url = f"http://{host}:{port}/"
    try:
        yield made
    finally:
        made.gate.set()  # or the end of a test that failed waits for the answers
        await runner.cleanup()


@dataclass
class Stack:
    """A running gateway."""

    settings: Settings
    environ: dict[str, str]
    running: Supervisor
    token: str
    store: SyncStore

    @property
    def api(self) -> ControlApi:
        return ControlApi(self.settings.api_url, self.token, ca_file=self.settings.ca_file)

    @property
    def of_owner(self) -> dict[str, str]:
        """The environment of a person at the command line who has the access token."""
        own = {name: value for name, value in self.environ.items() if name.startswith("FLEET_")}
        return {**own, "FLEET_TOKEN": self.token, "FLEET_API_URL": self.settings.api_url}

    @cached_property
    def gateway(self) -> str:
        """Its id. Asked of Redis: the relay may be away in a test, or need a moment after Redis."""
        found = self.store.run(gateways.by_token(tokens.hashed(self.token)))
        assert found is not None
        return found.id

    def webhook(self, name: str = "hook", sender: str = "github", **wishes: object) -> dict[str, Any]:
        wish = {"name": name, "sender": sender, "hourly_limit": 10_000_000, **wishes}
        return self.api.ask("POST", "webhooks", body=wish)

    def subscribe(
        self, name: str = "app", webhooks: tuple[str, ...] = ("hook",), **wishes: object
    ) -> dict[str, Any]:
        return self.api.ask(
            "POST", "subscriptions", body={"name": name, "webhooks": list(webhooks), **wishes}
        )

    async def connect(self, name: str = "connector", relay: str = "", **targets: str) -> None:
        """Start a connector, and wait until it holds a tunnel."""
        before = len(self.tunnels())
        env = {**self.environ, "FLEET_TOKEN": self.token, "FLEET_API_URL": relay or self.settings.api_url}
        arguments = (f"{subscription}={url}" for subscription, url in targets.items())
        await self.running.add(Service(name=name, argv=fleet("connect", *arguments), env=env))
        await until(lambda: len(self.tunnels()) > before, "a tunnel")

    async def add(self, name: str, *arguments: str, **settings: object) -> None:
        """Start one more service, with settings of its own."""
        own = {f"FLEET_{setting}": str(value) for setting, value in settings.items()}
        service = Service(name=name, argv=fleet("run", *arguments), env={**self.environ, **own})
        await self.running.add(service)

    async def stop(self, name: str) -> None:
        """SIGTERM, and wait until the supervisor has started it again."""
        await self._end(name, signal.SIGTERM)

    async def crash(self, name: str) -> None:
        """kill -9, and wait until the supervisor has started it again."""
        await self._end(name, signal.SIGKILL)

    async def _end(self, name: str, number: signal.Signals) -> None:
        before = self.running.restarts(name)
        self._signal(name, number)
        await until(
            lambda: self.running.restarts(name) > before and self.running.pid(name) is not None,
            f"{name} again",
        )

    def _signal(self, name: str, number: signal.Signals) -> None:
        pid = self.running.pid(name)
        assert pid is not None, f"{name} is not there to be signalled"
        os.kill(pid, number)

    def ends(self, name: str) -> list[str]:
        """How a service ended, each time."""
        lines = (self.settings.state_dir / "logs" / "fleet.log").read_text().splitlines()
        found = (re.search(rf"\b{name} ended \((.*)\);", line) for line in lines)
        return [match[1] for match in found if match]

    def tunnels(self) -> list[str]:
        return self.api.ask("GET", "gateway")["tunnels"]

    def kill(self, name: str) -> None:
        """kill -9; the supervisor starts it again."""
        self._signal(name, signal.SIGKILL)

    def counts(self) -> dict[str, int]:
        found = self.store.run(ledger.counts(self.gateway))
        return {name: number for name, number in found.items() if number}

    def count(self, name: str) -> int:
        return self.counts().get(name, 0)

    def differences(self) -> list[str]:
        return [each for finding in examine(self.store) for each in finding.differences]

    def logs(self) -> bytes:
        return b"".join(file.read_bytes() for file in (self.settings.state_dir / "logs").iterdir())

    async def settled(self, deliveries: int) -> None:
        await until(
            lambda: self.count("delivery:delivered") == deliveries and not self.count("event:waiting"),
            f"{deliveries} delivered and none waiting",
        )


def is_ready(port: int) -> bool:
    """Whether a door on this machine says that it is."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def post(
    url: str,
    body: bytes = b"{}",
    headers: Mapping[str, str] | None = None,
    path: str = "",
    tls: ssl.SSLContext | None = None,
) -> tuple[int, Any]:
    """Status and JSON answer of one POST."""
    scheme, _, address = url.partition("://")
    host, _, rest = address.partition("/")
    if scheme == "https":
        connection = http.client.HTTPSConnection(host, timeout=30, context=tls)
    else:
        connection = http.client.HTTPConnection(host, timeout=30)
    try:
        connection.request("POST", f"/{rest}{path}", body, dict(headers or {}))
        response = connection.getresponse()
        return response.status, json.loads(response.read() or b"null")
    finally:
        connection.close()


def environment(folder: Path, **settings: object) -> dict[str, str]:
    """Settings for a gateway of its own in a folder."""
    ingress, relay = free_port(), free_port()
    given = {
        "STATE_DIR": folder,
        "INGRESS_PORT": ingress,
        "RELAY_PORT": relay,
        "LOG_FORMAT": "json",
        **settings,
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FLEET_")}
    return {**kept, **{f"FLEET_{name}": str(value) for name, value in given.items()}}


@asynccontextmanager
async def gateway(
    folder: Path, *without: str, git: bool = False, **settings: object
) -> AsyncGenerator[Stack]:
    """A gateway that runs for the length of the block, but for the services named in `without`.

    Few tests need the worker of `git`, so it runs only where it is wished for: its start takes a second.
    """
    environ = environment(folder, **settings)
    loaded = load(environ)
    with services(loaded, environ) as wanted:
        missing = without if git else (*without, rq_names.GIT)
        kept = [service for service in wanted if service.name not in missing]
        async with Supervisor(kept, LogFiles(loaded.state_dir / "logs"), BackOff(most_s=1)) as running:
            token = first_gateway.ensure_gateway(loaded)
            assert token is not None
            store = SyncStore(surroundings.redis_url(loaded))
            try:
                yield Stack(loaded, environ, running, token, store)
            finally:
                store.close()
