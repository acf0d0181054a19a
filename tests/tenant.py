"""A gateway with a webhook, made straight in the store, and what became of its deliveries."""

import os
import time
from dataclasses import dataclass, field
from typing import Any

from domain.envelope import pack
from domain.event import Request
from domain.gateway import Gateway
from domain.ids import new_id
from domain.subscription import Subscription
from domain.webhook import Webhook
from store import decisions, events, gateways, subscriptions, tokens, webhooks
from store.connect import SyncStore
from store.decisions import Decision
from store.events import Candidate
from store.sealing import KeyRing, Sealer, event_place
from store.webhooks import StoredWebhook
from tests.world import LIMITS

RING = KeyRing({b"0001": bytes(32)}, b"0001")


def clock_ms() -> int:
    return time.time_ns() // 1_000_000


def fresh(kind: Any) -> str:
    return new_id(kind, clock_ms(), os.urandom(9))


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
        [event] = self._post([request], to)
        return event

    def post_many(self, count: int, *to: str) -> list[str]:
        """So many events at once, each with a body of its own, fanned out likewise. Returns their ids."""
        headers = ((b"content-type", b"application/json"),)
        return self._post([Request("POST", b"", b"", headers, b"%d" % n) for n in range(count)], to)

    def _post(self, requests: list[Request], to: tuple[str, ...]) -> list[str]:
        now_ms = clock_ms()
        candidates = [self._candidate(request, now_ms) for request in requests]
        accepted = self.store.run(events.accept(candidates, LIMITS, fresh("job"), now_ms))
        assert {each.verdict for each in accepted} == {"accepted"}
        made = [Decision(each.event, "push", "github-sha256", "", "", to) for each in candidates]
        states = self.store.run(decisions.fan_out(made, now_ms, LIMITS.retention_ms, 0))
        assert set(states) == {"fanned_out"}
        return [each.event for each in candidates]

    def _candidate(self, request: Request, now_ms: int) -> Candidate:
        event = fresh("evt")
        sealed = self.sealer.seal(pack(request), event_place(self.gateway.id, self.webhook.id, event), now_ms)
        return Candidate(
            event, self.gateway.id, self.webhook.id, 1, 1_000_000, now_ms, len(request.body), sealed
        )

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
