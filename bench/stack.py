"""The stack of one measurement: real processes around a Redis of their own, in a folder of their own."""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from redis.exceptions import RedisError

from bench.child import Child
from bench.profile import Profile
from bench.request import SECRET
from bench.waiting import free_port, is_ready, listens, until
from cli.embedded_redis import embedded_redis, server_binary
from domain.gateway import Gateway
from domain.ids import ENTROPY_BYTES, Kind, new_id
from domain.secret import SigningSecret
from domain.subscription import Subscription
from domain.vault import Vault
from domain.webhook import Webhook
from store import gateways, keyring, keys, subscriptions, tokens, tunnels, webhooks
from store.connect import SyncStore
from store.sealing import Sealer
from store.webhooks import StoredWebhook

HOURLY_LIMIT: Final = 10_000_000
_MAXMEMORY_MIB: Final = 4096
_SUBSCRIPTION: Final = "sink"


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook to post to, and who listens.

    Attributes:
        path: of its URL.
        gateway: the Gateway ID.
        subscription: id of the subscription.
        access_token: of the gateway.
    """

    path: str
    gateway: str
    subscription: str
    access_token: str


class Stack:
    """Starts processes and ends every one of them, whatever happens."""

    def __init__(self, appendfsync: str = "always", profile: Profile | None = None) -> None:
        """Nothing runs yet.

        Args:
            appendfsync: when Redis syncs its append-only file: `always` or `everysec`.
            profile: what is to be profiled, if anything.
        """
        self._appendfsync = appendfsync
        self._profile = profile
        self._folder = tempfile.TemporaryDirectory(prefix="fleet-bench-")
        self.folder = Path(self._folder.name)
        self.children: list[Child] = []
        self.redis = embedded_redis(self.folder)
        self.store = SyncStore(self.redis.url)
        # One gateway may fill this server.
        self._settings = {
            "FLEET_GATEWAY_STORED_MIB": "1048576",
            "FLEET_GATEWAY_DELIVERIES": "1000000000",
            "FLEET_GATEWAY_QUEUE_SHARE": "1",
        }

    def __enter__(self) -> Self:
        """Start Redis."""
        try:
            self._start_redis()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End everything."""
        if self._profile is not None and error is None:
            self._profile.look_at_redis(self.store)
        self.close()

    def close(self) -> None:
        """End every process, the last one first, and remove the folder."""
        self.store.close()
        for child in reversed(self.children):
            child.stop()
        self._folder.cleanup()

    def check(self) -> None:
        """Make sure that every process still runs.

        Raises:
            BenchError: one has ended.
        """
        for child in self.children:
            child.check()

    def cpu_s(self) -> dict[str, float]:
        """Seconds of processor time each process has used."""
        return {child.name: child.cpu_s() for child in self.children}

    def memory_bytes(self, name: str) -> int:
        """The memory of a process that is in use now."""
        return next(child for child in self.children if child.name == name).memory_bytes()

    def start(self, name: str, *argv: str, ready: Callable[[], bool]) -> None:
        """Start a Python module and wait until it is ready.

        Args:
            name: what it is called.
            argv: the module and its arguments.
            ready: asks once whether it is up.
        """
        profiler = self._profile.argv(name) if self._profile is not None else ()
        self._run(
            name,
            (sys.executable, *profiler, "-m", *argv),
            # Only what ends by itself writes its profile; on SIGTERM uvicorn ends by the signal.
            signal.SIGINT if profiler else signal.SIGTERM,
        )
        self._wait(name, ready)

    def ingress(self) -> int:
        """Start the ingress; its port."""
        port = free_port()
        self._settings["FLEET_INGRESS_PORT"] = str(port)
        self.start("ingress", "cli", "run", "ingress", ready=lambda: is_ready(port))
        return port

    def worker(self) -> None:
        """Start a worker for events."""
        self.start("worker", "cli", "run", "worker", "events", ready=self.has_worker)

    def git_worker(self, threads: int) -> None:
        """Start a worker that makes so many polls at a time, all of them for one gateway if need be."""
        self._settings |= {
            "FLEET_GIT_TARGETS": "loopback",
            "FLEET_GIT_THREADS": str(threads),
            "FLEET_GIT_POLLS": str(4 * threads),
        }
        self.start("git", "cli", "run", "worker", "git", ready=self.has_worker)

    def sweeper(self) -> None:
        """Start the sweeper."""
        on_duty = ("EXISTS", keys.SWEEPER)
        self.start(
            "sweeper",
            *("cli", "run", "sweeper"),
            ready=lambda: self.store.client.execute_command(*on_duty) == 1,
        )

    def relay(self) -> int:
        """Start the relay; its port."""
        port = free_port()
        self._settings["FLEET_RELAY_PORT"] = str(port)
        self.start("relay", "cli", "run", "relay", ready=lambda: is_ready(port))
        return port

    def connector(self, target: Target, sink_port: int, subscription: str = _SUBSCRIPTION) -> None:
        """Start a connector that delivers to a local sink what comes for a subscription."""
        self._settings["FLEET_TOKEN"] = target.access_token
        self.start(
            "connector",
            *("cli", "connect", f"{subscription}=http://127.0.0.1:{sink_port}/"),
            ready=lambda: bool(self.store.run(tunnels.about(target.gateway))),
        )

    def door(self, name: str, module: str, *arguments: str) -> int:
        """Start a reference that listens on the port it is given last; the port."""
        port = free_port()
        self.start(name, module, *arguments, str(port), ready=lambda: listens(port))
        return port

    def has_worker(self) -> bool:
        """Whether an RQ worker has registered."""
        return self.store.client.execute_command("SCARD", "rq:workers") > 0

    def environment(self) -> dict[str, str]:
        """The environment of every process of ours here."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FLEET_")}
        return {
            **kept,
            "FLEET_STATE_DIR": str(self.folder),
            "FLEET_LOG_LEVEL": "warning",
            **self._settings,
        }

    def target(self, name: str = "bench") -> Target:
        """A new gateway of that name with a GitHub webhook that demands signatures, and one subscription."""
        now = time.time_ns() // 1_000_000
        gateway, access = new("gw", now), tokens.access_token(os.urandom(tokens.ACCESS_TOKEN_BYTES))
        self.store.run(gateways.create(Gateway(gateway, name, now, is_operator=True), tokens.hashed(access)))
        token = tokens.url_token(os.urandom(tokens.URL_TOKEN_BYTES))
        webhook = Webhook(
            new("whk", now),
            gateway,
            "bench",
            "",
            "github",
            require_signature=True,
            hourly_limit=HOURLY_LIMIT,
            created_at=now,
            version=1,
        )
        sealer = Sealer(keyring.load(self.folder / "secrets"), os.urandom)
        stored = StoredWebhook(
            webhook,
            webhooks.seal_token(sealer, gateway, webhook.id, token, now),
            webhooks.seal_vault(
                sealer, gateway, webhook.id, Vault((SigningSecret(new("sec", now), SECRET, now),)), now
            ),
        )
        self.store.run(webhooks.create(stored, tokens.hashed(token)))
        subscription = Subscription(new("sub", now), gateway, _SUBSCRIPTION, (webhook.id,), (), 30, now)
        self.store.run(subscriptions.create(subscription))
        return Target(f"/t/{token}", gateway, subscription.id, access)

    def _start_redis(self) -> None:
        keyring.load_or_create(self.folder / "secrets", 0, os.urandom)
        self.redis.make_folders()
        self._run("redis", self.redis.argv(server_binary(), self._appendfsync, _MAXMEMORY_MIB))
        self._wait("redis", self._redis_answers)

    def _redis_answers(self) -> bool:
        try:
            return bool(self.store.client.execute_command("PING"))
        except RedisError:
            return False

    def _run(self, name: str, argv: tuple[str, ...], stop: signal.Signals = signal.SIGTERM) -> None:
        self.children.append(Child(name, argv, self.folder / f"{name}.log", self.environment(), stop))

    def _wait(self, name: str, ready: Callable[[], bool]) -> None:
        def up() -> bool:
            self.children[-1].check()
            return ready()

        until(f"{name} is ready", up)


def new(kind: Kind, now: int) -> str:
    """A fresh id of a kind; `now` in Unix ms."""
    return new_id(kind, now, os.urandom(ENTROPY_BYTES))
