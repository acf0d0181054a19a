"""A crowd: a gateway that has much of everything, as one has after a bad night.

Written by the scripts of the store, as its services would have called them: each event was accepted, decided,
delivered or died. Only jobs of RQ are written as RQ leaves them behind, since ten thousand would take long.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Final

from bench import request
from bench.errors import BenchError
from bench.stack import HOURLY_LIMIT, Stack, Target, new
from domain.delivery import Step
from domain.envelope import pack
from domain.event import Request
from domain.limits import Limits
from domain.subscription import Subscription
from domain.webhook import Webhook
from store import (
    decisions,
    deliveries,
    events,
    keyring,
    rq_names,
    subscriptions,
    sweeping,
    tokens,
    tunnels,
    webhooks,
)
from store.calls import text, together
from store.decisions import Decision
from store.deliveries import Settlement
from store.events import BatchLimits, Candidate, LogBounds
from store.sealing import Sealer, event_place
from store.sweeping import Duty
from store.tunnels import Claim
from store.webhooks import StoredWebhook

_DAY_MS: Final = 24 * 3_600_000
_PART: Final = 200
NAME: Final = "crowd"
"""The subscription that listens to all webhooks of a crowd."""

_BODY: Final = request.body(128)
_ENVELOPE: Final = pack(Request("POST", b"", b"", ((b"content-type", b"application/json"),), _BODY))
_TYPES: Final = ("push", "pull_request.opened", "issues", "check_run.completed", "invoice.paid")
_NOTES: Final = ("500", "502", "timeout", "connection refused")
_PLENTY: Final = Limits(
    webhooks=1_000_000, stored_events=10_000_000, stored_mib=1_000_000, deliveries=10_000_000, queue_share=1
)
_LIMITS: Final = BatchLimits(
    events=_PART,
    size_bytes=4_194_304,
    age_ms=1000,
    queue=10_000_000,
    recovery_ms=20_000,
    retention_ms=72 * 3_600_000,
    job_timeout_s=10,
    gateway=_PLENTY,
    fair=10_000_000,
    log=LogBounds(1_000_000),
)
_DUTY: Final = Duty("bench", 1000, 1000)


@dataclass(frozen=True, slots=True)
class Crowd:
    """What there is.

    Attributes:
        target: the gateway, with the webhook and subscription that it had before.
        webhooks: ids of the others.
        subscription: name of the one that listens to all of them.
        dead: ids of its dead deliveries.
        events: ids of all its events, oldest first.
    """

    target: Target
    webhooks: tuple[str, ...]
    subscription: str
    dead: tuple[str, ...]
    events: tuple[str, ...]


def gather(stack: Stack, hooks: int, logged: int, dead: int, now_ms: int) -> Crowd:
    """A gateway with so many webhooks, events of the last day in its log, and dead deliveries among them.

    Args:
        stack: runs Redis and no worker, or that would join in.
        hooks: webhooks.
        logged: events.
        dead: of these, those whose delivery is dead.
        now_ms: Unix time in milliseconds.

    Raises:
        BenchError: something was not accepted, or did not die.
    """
    return _Gathering(stack, now_ms).crowd(hooks, logged, dead)


class _Gathering:
    """Fills a gateway of a stack."""

    def __init__(self, stack: Stack, now_ms: int) -> None:
        self._store = stack.store
        self._target = stack.target(new("gw", now_ms)[-20:])
        self._gateway = self._target.gateway
        self._now_ms = now_ms
        self._sealer = Sealer(keyring.load(stack.folder / "secrets"), os.urandom)
        self._subscription = new("sub", now_ms)
        self._claim = Claim(new("tun", now_ms), new("tun", now_ms), (self._subscription,))
        self._taken = 0

    def crowd(self, hooks: int, logged: int, dead: int) -> Crowd:
        made = tuple(self._webhook(number) for number in range(hooks))
        subscription = Subscription(self._subscription, self._gateway, NAME, made, (), 30, self._now_ms)
        self._store.run(subscriptions.create(subscription))
        self._store.run(tunnels.open_tunnel(self._gateway, self._claim, self._now_ms, _DAY_MS))
        over, ids, died = cycle(made), list[str](), list[str]()
        for start in range(0, logged, _PART):
            at = self._now_ms - _DAY_MS + _DAY_MS * start // logged
            accepted = self._accept(list(islice(over, min(_PART, logged - start))), at)
            ids += accepted
            if len(died) < dead:
                died += self._die(accepted[: dead - len(died)], at)
            elif start // _PART % 2:
                self._end(accepted, Step.DELIVER, at)
            else:
                self._decide(accepted, at)
        goodbye = (self._gateway, self._claim.tunnel, self._claim.session, self._now_ms)
        self._store.run(tunnels.close_tunnel(*goodbye))
        self._store.client.execute_command("DEL", rq_names.QUEUE_PREFIX + rq_names.EVENTS)
        return Crowd(self._target, made, NAME, tuple(died), tuple(ids))

    def _webhook(self, number: int) -> str:
        now = self._now_ms
        webhook = Webhook(
            new("whk", now),
            self._gateway,
            f"webhook-{number:04}",
            "one of many",
            "github",
            require_signature=False,
            hourly_limit=HOURLY_LIMIT,
            created_at=now,
            version=1,
        )
        token = tokens.url_token(os.urandom(tokens.URL_TOKEN_BYTES))
        sealed = webhooks.seal_token(self._sealer, webhook.gateway, webhook.id, token, now)
        self._store.run(
            webhooks.create(StoredWebhook(webhook, sealed, b""), tokens.hashed(token), _PLENTY.webhooks)
        )
        return webhook.id

    def _accept(self, hooks: Sequence[str], at: int) -> list[str]:
        candidates = [self._candidate(webhook, at) for webhook in hooks]
        accepted = self._store.run(events.accept(candidates, _LIMITS, new("job", at), at))
        if any(each.verdict != "accepted" for each in accepted):
            raise BenchError(f"Not accepted: {accepted[0].verdict}.")
        return [each.event for each in candidates]

    def _candidate(self, webhook: str, at: int) -> Candidate:
        event = new("evt", at)
        sealed = self._sealer.seal(_ENVELOPE, event_place(self._gateway, webhook, event), at)
        return Candidate(event, self._gateway, webhook, 1, HOURLY_LIMIT, at, len(_BODY), sealed)

    def _decide(self, accepted: Sequence[str], at: int, *to: str) -> None:
        found = [
            Decision(event, kind, "", "", "", to)
            for event, kind in zip(accepted, cycle(_TYPES), strict=False)
        ]
        self._store.run(decisions.fan_out(found, at, _LIMITS.retention_ms, 0))

    def _end(self, accepted: Sequence[str], step: Step, at: int) -> list[str]:
        """Deliveries of these events, taken and answered."""
        self._decide(accepted, at, self._subscription)
        self._taken += 1
        wanted = [(self._subscription, 30)]
        claim = (self._gateway, self._claim.tunnel, self._claim.session, self._taken)
        taken = self._store.run(deliveries.take(*claim, wanted, len(accepted), at)) or []
        notes = cycle(_NOTES if step is Step.EXHAUST else ("200",))
        ends = [
            Settlement(each.delivery.id, each.delivery.attempt, step, 0, note)
            for each, note in zip(taken, notes, strict=False)
        ]
        self._store.run(deliveries.settle(ends, at))
        return [each.delivery.id for each in taken]

    def _die(self, accepted: Sequence[str], at: int) -> list[str]:
        ended = self._end(accepted, Step.EXHAUST, at)
        queue = rq_names.QUEUE_PREFIX + rq_names.DELIVERIES
        died: list[str] = []
        while len(died) < len(ended):
            self._store.run(sweeping.sweep(_DUTY, _LIMITS, new("job", at), at))
            jobs = [text(job) for job in self._store.client.execute_command("LRANGE", queue, 0, -1)]
            if not jobs:
                raise BenchError("Nobody was sent to die.")
            self._store.client.execute_command("DEL", queue)
            died += self._bury(jobs, at)
        return died

    def _bury(self, jobs: Sequence[str], at: int) -> list[str]:
        """What RQ and our job do with deliveries that are out of attempts."""
        client = self._store.client
        with client.pipeline(transaction=False) as asked:
            for job in jobs:
                asked.execute_command("HGET", rq_names.JOB_PREFIX + job, "description")
            dying = [text(description).rpartition(" ")[2] for description in asked.execute()]
        pairs = list(zip(dying, jobs, strict=True))
        self._store.run(together([deliveries.attempt(*pair, new("job", at)) for pair in pairs]))
        failed = rq_names.FAILED_PREFIX + rq_names.DELIVERIES
        with client.pipeline(transaction=False) as told:
            for job in jobs:
                told.execute_command("HSET", rq_names.JOB_PREFIX + job, "status", "failed")
                told.execute_command("ZADD", failed, at // 1000 + _DAY_MS, job)
            told.execute()
        return dying
