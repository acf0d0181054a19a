"""A small world for store tests: a gateway with webhooks and subscriptions, and hands to move events."""

from dataclasses import dataclass, field

from cli.audit import examine
from domain.delivery import Step
from domain.gateway import Gateway
from domain.ids import new_id
from domain.subscription import Subscription
from domain.webhook import Webhook
from store import decisions, deliveries, events, gateways, subscriptions, tunnels, webhooks
from store.calls import Call
from store.connect import SyncStore
from store.decisions import Decision
from store.deliveries import Prolongation, Settlement, Taken
from store.events import Acceptance, BatchLimits, Candidate
from store.sweeping import Duty, Swept, sweep
from store.webhook_change import Change
from store.webhooks import StoredWebhook
from tests.redis_contents import contents

HOUR_MS = 3_600_000
START_MS = 1_800_000_000_000
LIMITS = BatchLimits(
    events=200,
    size_bytes=4 << 20,
    age_ms=1000,
    queue=100_000,
    recovery_ms=20_000,
    retention_ms=72 * HOUR_MS,
    job_timeout_s=10,
)


@dataclass
class World:
    """One gateway, one webhook, and a clock that stands still until it is moved."""

    store: SyncStore
    gateway: str = "gw_1"
    now: int = START_MS
    limits: BatchLimits = LIMITS
    made: int = 0
    hourly_limit: int = 1000
    sweep_limit: int = 100
    webhook: Webhook = field(init=False)

    def __post_init__(self) -> None:
        self.store.run(gateways.create(Gateway(self.gateway, self.gateway, self.now), f"hash-{self.gateway}"))
        self.webhook = self.add_webhook("hook", self.hourly_limit)

    def id(self, kind: str) -> str:
        self.made += 1
        return new_id(kind, self.now, self.made.to_bytes(9))

    def run(self, call: Call):
        return self.store.run(call)

    def add_webhook(self, name: str, hourly_limit: int = 1000) -> Webhook:
        webhook = Webhook(
            id=self.id("whk"),
            gateway=self.gateway,
            name=name,
            description="",
            sender="github",
            require_signature=False,
            hourly_limit=hourly_limit,
            created_at=self.now,
            version=1,
        )
        self.run(webhooks.create(StoredWebhook(webhook, b"sealed", b""), f"token-{webhook.id}"))
        return webhook

    def change(self, **wanted) -> None:
        """Change the webhook."""
        found = self.run(webhooks.find(self.gateway, self.webhook.id))
        assert self.run(webhooks.change(found.webhook, Change(**wanted)))

    def delete_webhook(self, webhook: str) -> None:
        assert self.run(webhooks.delete(self.gateway, webhook, self.now))

    def subscribe(
        self, name: str = "ci", timeout_s: int = 30, webhook: Webhook | None = None, linger_s: int = 0
    ) -> str:
        on = (webhook or self.webhook).id
        made = Subscription(
            self.id("sub"), self.gateway, name, (on,), (), timeout_s, self.now, linger_s=linger_s
        )
        self.run(subscriptions.create(made))
        return made.id

    def candidate(self, **changes) -> Candidate:
        webhook = self.webhook
        made = Candidate(
            event=self.id("evt"),
            gateway=webhook.gateway,
            webhook=webhook.id,
            version=1,
            hourly_limit=webhook.hourly_limit,
            received_at=self.now,
            size=5,
            sealed=b"sealed body",
        )
        return made._replace(**changes)

    def offer(self, *candidates: Candidate, job: str | None = None) -> list[Acceptance]:
        return self.run(events.accept(candidates, self.limits, job or self.id("job"), self.now))

    def accept(self, count: int = 1) -> list[str]:
        candidates = [self.candidate() for _ in range(count)]
        assert all(item.verdict == "accepted" for item in self.offer(*candidates))
        return [item.event for item in candidates]

    def decide(self, *decided: Decision, dedup_ms: int = 24 * HOUR_MS) -> list[str]:
        call = decisions.fan_out(decided, self.now, self.limits.retention_ms, dedup_ms)
        return self.run(call)

    def fan_out(self, event: str, *to: str) -> str:
        return self.decide(Decision(event, "push", "github-sha256", "", "", to))[0]

    def open_tunnel(self, *serves: str, tunnel: str = "tun_1", session: str = "s1", holding=()) -> int | None:
        claim = tunnels.Claim(tunnel, session, serves, holding, "laptop", "192.0.2.7", "1.2.3")
        call = tunnels.open_tunnel(self.gateway, claim, self.now, 15_000)
        return self.run(call)

    def take(self, *subscriptions: str, count: int = 10, tunnel: str = "tun_1") -> list[Taken]:
        """Take for whoever holds the tunnel; it is opened when nobody does."""
        wanted = [(each, 30) for each in subscriptions]
        session = self.field(f"fleet:tunnel:{self.gateway}:{tunnel}", "session")
        if not session:
            session = "s1"
            self.open_tunnel(*subscriptions, tunnel=tunnel, session=session)
        self.made += 1
        call = deliveries.take(self.gateway, tunnel, session, self.made, wanted, count, self.now)
        taken = self.run(call)
        assert taken is not None
        return taken

    def prolong(
        self, taken: Taken, tunnel: str = "tun_1", session: str = "s1", gateway: str = "", attempt: int = 0
    ) -> bool:
        """A connector says that an attempt still works."""
        delivery = taken.delivery
        who = (gateway or self.gateway, tunnel, session)
        item = Prolongation(*who, delivery.id, attempt or delivery.attempt, delivery.timeout_s)
        return self.run(deliveries.prolong([item], self.now))[0]

    def settle(self, taken: Taken, step: Step, retry_at: int = 0) -> bool:
        item = Settlement(taken.delivery.id, taken.delivery.attempt, step, retry_at, "note")
        return self.run(deliveries.settle([item], self.now))[0]

    def delivered(self, subscription: str) -> Taken:
        """One delivery, taken from the stream."""
        [event] = self.accept()
        self.fan_out(event, subscription)
        [taken] = self.take(subscription)
        return taken

    def sweep(self, sweeper: str = "sweeper") -> Swept:
        duty = Duty(sweeper, 5000, self.sweep_limit)
        return self.run(sweep(duty, self.limits, self.id("job"), self.now))

    def set_aside(self) -> str:
        """An event that crashed its worker three times."""
        [event] = self.accept()
        while self.field(f"fleet:event:{event}", "state") == "waiting":
            for job in self.queue("events"):
                self.command("LPOP", "rq:queue:events")
                self.run(events.close_batch(job, self.limits, self.id("job"), self.now))
            self.now += 20_000
            self.sweep()
        return event

    def retry(self, event: str, gateway: str | None = None) -> bool:
        return self.run(events.retry(gateway or self.gateway, event, self.id("job"), self.now))

    def queue(self, name: str) -> list[str]:
        return [job.decode() for job in self.command("LRANGE", f"rq:queue:{name}", 0, -1)]

    def due(self) -> list[str]:
        """What is due some time, but for the leases of tunnels."""
        members = (member.decode() for member in self.command("ZRANGE", "fleet:due", 0, -1))
        return [member for member in members if not member.startswith("t:")]

    def field(self, key: str, name: str) -> str:
        value = self.command("HGET", key, name)
        return value.decode() if value is not None else ""

    def redis_ms(self) -> int:
        """Redis' own clock, by which minutes are counted."""
        seconds, micros = self.command("TIME")
        return int(seconds) * 1000 + int(micros) // 1000

    def command(self, *parts):
        return self.store.client.execute_command(*parts)

    def counts(self) -> dict[str, int]:
        """The ledger, without what is stored."""
        return {name: number for name, number in self.ledger().items() if not name.startswith("stored:")}

    def stored(self) -> tuple[int, int]:
        """Events and bytes that count as stored."""
        found = self.ledger()
        return found.get("stored:events", 0), found.get("stored:bytes", 0)

    def differences(self) -> list[str]:
        """What an audit finds wrong."""
        return [difference for finding in examine(self.store) for difference in finding.differences]

    def ledger(self) -> dict[str, int]:
        flat = self.command("HGETALL", f"fleet:counts:{self.gateway}")
        found = {name.decode(): int(value) for name, value in zip(flat[::2], flat[1::2], strict=True)}
        return {name: value for name, value in found.items() if value}

    def dump(self) -> dict[bytes, bytes]:
        """Everything in Redis but lives, which go on."""
        return contents(self.command)
