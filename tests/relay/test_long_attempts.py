"""Attempts that take long, at a real relay: who shows life is waited for, who is silent is tried again."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest

from cli.audit import examine
from domain.delivery import Outcome
from relay.connector.target import Answer, Arrival, KeepAlive
from relay.tunnel.messages import (
    Held,
    Hello,
    Message,
    Parcel,
    Progress,
    Result,
    Results,
    Settled,
    Welcome,
    Working,
)
from store import deliveries
from store.sweeping import Duty, sweep
from tests.dialogue import Dialogue, dialogue
from tests.running_connector import connector
from tests.running_relay import context_of, relay
from tests.tenant import Tenant, clock_ms, fresh
from tests.tunnel_messages import TUNNEL
from tests.waiting import until
from tests.world import LIMITS

DONE = Answer(Outcome.DELIVERED, "done")
GRACE_MS = 5000


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("relay.server.prolonging.GATHERED_S", 0.01)
    monkeypatch.setattr("relay.connector.allowance.OVERTIME_S", 0.0)
    return


class Talking:
    """A target that shows life until its gate opens."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.gate = asyncio.Event()

    async def deliver(self, arrival: Arrival, keep_alive: KeepAlive) -> Answer:
        self.arrivals.append(arrival)
        while not self.gate.is_set():
            keep_alive()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.gate.wait(), 0.05)
        return DONE


class SilentAtFirst:
    """A target that hangs in its first attempt."""

    def __init__(self) -> None:
        self.attempts: list[int] = []

    async def deliver(self, arrival: Arrival, keep_alive: KeepAlive) -> Answer:
        del keep_alive
        self.attempts.append(arrival.attempt)
        if arrival.attempt == 1:
            await asyncio.Event().wait()
        return DONE


def due(tenant: Tenant, delivery: str) -> int:
    return int(tenant.command("ZSCORE", "fleet:due", f"d:{delivery}"))


def tried_again(tenant: Tenant) -> None:
    """What the sweeper and a worker do when retries are due."""
    tenant.store.run(sweep(Duty("sweeper", 5000, 500), LIMITS, fresh("job"), clock_ms() + 1000))
    [job] = tenant.command("LRANGE", "rq:queue:deliveries", 0, -1)
    for delivery, state in tenant.deliveries().items():
        if state == "retrying":
            assert tenant.store.run(deliveries.attempt(delivery, job.decode(), "run_1"))[0] == "resent"


async def test_an_attempt_that_shows_life_outlives_its_time_and_a_silent_one_is_tried_again(
    tenant: Tenant, redis_url: str
) -> None:
    talks, hangs = tenant.subscribe("talks", timeout_s=1), tenant.subscribe("hangs", timeout_s=1)
    talking, hanging = Talking(), SilentAtFirst()
    async with (
        relay(context_of(redis_url, retry_schedule_s=(0.01,))) as port,
        connector(port, tenant.token, {"talks": talking, "hangs": hanging}) as running,
    ):
        tenant.post(talks, hangs)
        began = asyncio.get_running_loop().time()
        await until(lambda: tenant.states() == ["retrying", "sent"])
        tried_again(tenant)
        [(_, silent), (_, again)] = await running.attempted(2)
        assert (silent, again) == (Answer(Outcome.RETRY, "timeout"), DONE)
        [long] = [delivery for delivery, state in tenant.deliveries().items() if state == "sent"]
        first = int(tenant.fact(long, "sent_at")) + 1000 + GRACE_MS
        await until(lambda: due(tenant, long) > first + 2000)
        assert asyncio.get_running_loop().time() > began + 2
        talking.gate.set()
        await until(lambda: tenant.states() == ["delivered"] * 2)
    assert [(arrival.attempt, arrival.sender) for arrival in talking.arrivals] == [(1, "github")]
    assert hanging.attempts == [1, 2]
    assert [found.differences for found in examine(tenant.store) if found.differences] == []


@dataclass
class Clock:
    """The relay's."""

    now: int

    def __call__(self) -> int:
        return self.now


async def heard(talk: Dialogue, kind: type[Message]) -> Message:
    """The next message of a kind."""
    while not isinstance(message := await talk.hear(), kind):
        pass
    return message


async def understood(talk: Dialogue, delivery: str) -> None:
    """What was said before has been heard: the relay confirms an answer that nobody waits for."""
    await talk.say(Results((Result(delivery, 99, Outcome.DELIVERED),)))
    while not isinstance(message := await talk.hear(), Settled) or message.items[-1].attempt != 99:
        pass


async def test_only_who_has_an_attempt_moves_its_deadline(tenant: Tenant, redis_url: str) -> None:
    clock, stranger = Clock(clock_ms()), Tenant(tenant.store)
    subscription = tenant.subscribe()
    stranger.subscribe()
    async with (
        relay(context_of(redis_url, clock_ms=clock, lease_ms=10**9)) as port,
        dialogue(port, tenant.token, Hello(TUNNEL, ("ci",), 2)) as own,
    ):
        await heard(own, Welcome)
        for _ in range(2):
            tenant.post(subscription)
        parcels = [await heard(own, Parcel) for _ in range(2)]
        one, other = (parcel.delivery for parcel in parcels if isinstance(parcel, Parcel))
        began = clock.now
        assert due(tenant, one) == due(tenant, other) == began + 30_000 + GRACE_MS
        clock.now += 20_000
        claim = Hello(fresh("tun"), ("ci",), 1, (Held(one, 1, 1),))
        for token in (tenant.token, stranger.token):
            async with dialogue(port, token, claim) as foreign:
                await heard(foreign, Welcome)
                await foreign.say(Progress((Working(one, 1),)))
                await understood(foreign, one)
        await own.say(Progress((Working(one, 2), Working(other, 1))))
        await until(lambda: due(tenant, other) == began + 50_000 + GRACE_MS)
        assert due(tenant, one) == began + 30_000 + GRACE_MS
        await own.say(Progress((Working(one, 1),)))
        await until(lambda: due(tenant, one) == began + 50_000 + GRACE_MS)


async def test_an_attempt_that_lapsed_cannot_prolong_the_one_that_follows(
    tenant: Tenant, redis_url: str
) -> None:
    clock = Clock(clock_ms())
    subscription = tenant.subscribe()
    async with relay(context_of(redis_url, clock_ms=clock, lease_ms=10**9)) as port:
        tenant.post(subscription)
        async with dialogue(port, tenant.token, Hello(TUNNEL, ("ci",), 1)) as before:
            parcel = await heard(before, Parcel)
            assert isinstance(parcel, Parcel)
        async with dialogue(port, tenant.token, Hello(TUNNEL, ("ci",), 1)) as after:
            again = await heard(after, Parcel)
            assert isinstance(again, Parcel)
            assert (again.delivery, again.attempt) == (parcel.delivery, 2)
            began = clock.now
            clock.now += 10_000
            await after.say(Progress((Working(again.delivery, 1),)))
            clock.now += 10_000
            await after.say(Progress((Working(again.delivery, 2),)))
            await until(lambda: due(tenant, again.delivery) != began + 30_000 + GRACE_MS)
            assert due(tenant, again.delivery) == began + 50_000 + GRACE_MS
