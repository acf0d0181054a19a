"""Tunnels that are left on purpose: what is finished first, and what goes back."""

import asyncio

from domain.delivery import Outcome
from relay.connector.target import Answer, Arrival, KeepAlive
from relay.tunnel.messages import Bye, Hello, Parcel, Result, Results, Welcome
from tests.dialogue import dialogue
from tests.running_connector import Scripted, connector
from tests.running_relay import context_of, relay
from tests.tenant import Tenant
from tests.troubled_line import troubled_line
from tests.tunnel_messages import TUNNEL
from tests.waiting import WAIT_S, until


async def test_a_graceful_stop_finishes_what_is_under_way_and_takes_nothing_new(
    tenant: Tenant, port: int
) -> None:
    subscription = tenant.subscribe()
    target = Scripted()
    target.gate.clear()
    async with connector(port, tenant.token, {"ci": target}, concurrency=1) as running:
        first, second = tenant.post(subscription), tenant.post(subscription)
        await until(lambda: target.under_way == 1)
        running.connector.stop()
        target.gate.set()
        await running.task
    assert [arrival.event for arrival in target.arrivals] == [first]
    assert tenant.states() == ["delivered", "queued"]
    assert tenant.tunnels() == 0
    assert second not in {arrival.event for arrival in target.arrivals}


async def test_what_is_not_finished_in_the_time_of_grace_goes_back_at_once(tenant: Tenant, port: int) -> None:
    subscription = tenant.subscribe()
    target = Scripted()
    target.gate.clear()
    async with connector(port, tenant.token, {"ci": target}, grace_s=0.05) as running:
        tenant.post(subscription)
        await until(lambda: target.under_way == 1)
        await running.stop()
    assert tenant.states() == ["queued"]
    assert tenant.tunnels() == 0


async def test_a_second_stop_finishes_nothing_more(tenant: Tenant, port: int) -> None:
    subscription = tenant.subscribe()
    target = Scripted()
    target.gate.clear()
    async with connector(port, tenant.token, {"ci": target}, grace_s=3600) as running:
        tenant.post(subscription)
        await until(lambda: target.under_way == 1)
        running.connector.stop()
        await asyncio.sleep(0)
        tenant.post(subscription)
        await running.stop()
    assert tenant.states() == ["queued", "queued"]
    assert tenant.tunnels() == 0


async def test_two_stops_at_once_are_a_second_one(tenant: Tenant, port: int) -> None:
    subscription = tenant.subscribe()
    target = Scripted()
    target.gate.clear()
    async with connector(port, tenant.token, {"ci": target}, grace_s=3600) as running:
        tenant.post(subscription)
        await until(lambda: target.under_way == 1)
        running.connector.stop()
        await running.stop()
    assert tenant.states() == ["queued"]


class Lasting:
    """A target that takes a moment to end when it is told to, as a program does; tells when it has."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.is_over = False

    async def deliver(self, _: Arrival, keep_alive: KeepAlive) -> Answer:  # noqa: ARG002 - it says nothing
        self.began.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.1)
            self.is_over = True
        return Answer(Outcome.DELIVERED)


class Heir(Scripted):
    """A target that gets what another one had; remembers whether that one had ended by then."""

    def __init__(self, before: Lasting) -> None:
        super().__init__()
        self.before = before
        self.found_it_over: list[bool] = []

    async def deliver(self, arrival: Arrival, keep_alive: KeepAlive) -> Answer:
        self.found_it_over.append(self.before.is_over)
        return await super().deliver(arrival, keep_alive)


async def test_what_goes_elsewhere_has_ended_here(tenant: Tenant, port: int) -> None:
    subscription = tenant.subscribe()
    lasting = Lasting()
    heir = Heir(lasting)
    async with connector(port, tenant.token, {"ci": lasting}, grace_s=0) as first:
        tenant.post(subscription)
        await asyncio.wait_for(lasting.began.wait(), WAIT_S)
        async with connector(port, tenant.token, {"ci": heir}) as second:
            await second.connected()
            await first.stop()
            await until(lambda: tenant.states() == ["delivered"])
    assert heir.found_it_over == [True]
    assert [arrival.attempt for arrival in heir.arrivals] == [2]


async def test_what_was_on_its_way_at_a_stop_goes_elsewhere_before_the_last_attempt_ends(
    tenant: Tenant, port: int
) -> None:
    subscription = tenant.subscribe()
    busy, idle = Scripted(), Scripted()
    busy.gate.clear()
    async with (
        troubled_line(port) as line,
        connector(line.port, tenant.token, {"ci": busy}, grace_s=3600) as first,
    ):
        kept = tenant.post(subscription)
        await until(lambda: busy.under_way == 1)
        # The line is slow just now: the next event has left the relay, and has not arrived.
        line.stall(up=False)
        late = tenant.post(subscription)
        await until(lambda: tenant.states() == ["sent", "sent"])
        first.connector.stop()
        async with connector(port, tenant.token, {"ci": idle}) as second:
            await second.connected()
            line.flow()
            await until(lambda: tenant.states() == ["delivered", "sent"])
            assert [arrival.event for arrival in idle.arrivals] == [late]
            assert busy.under_way == 1
            busy.gate.set()
            await first.task
    assert tenant.states() == ["delivered", "delivered"]
    assert [arrival.event for arrival in busy.arrivals] == [kept]
    # People are told of the one tunnel that they asked for, not of how it is left.
    assert (len(first.recorder.welcomes), first.recorder.losses) == (1, [])


async def test_a_stop_without_a_relay_returns(tenant: Tenant, redis_url: str) -> None:
    async with relay(context_of(redis_url)) as port:
        pass
    async with connector(port, tenant.token, {"ci": Scripted()}) as running:
        await until(lambda: running.recorder.losses)
        assert running.recorder.losses[0] == "The relay cannot be reached."
        await running.stop()


async def test_a_goodbye_waits_for_results_and_gives_the_rest_back(tenant: Tenant, port: int) -> None:
    subscription = tenant.subscribe()
    for _ in range(2):
        tenant.post(subscription)
    async with dialogue(port, tenant.token, Hello(TUNNEL, ("ci",), 2)) as talk:
        assert isinstance(await talk.hear(), Welcome)
        parcels = [await talk.hear(), await talk.hear()]
        assert all(isinstance(parcel, Parcel) for parcel in parcels)
        assert isinstance(parcels[0], Parcel)
        await talk.say(Results((Result(parcels[0].delivery, 1, Outcome.RETRY, "busy"),)))
        await talk.say(Bye())
        assert await talk.hung_up() == 1000
    assert tenant.states() == ["queued", "retrying"]
