"""Tunnels that are left on purpose: what is finished first, and what goes back."""

from domain.delivery import Outcome
from relay.tunnel.messages import Bye, Hello, Parcel, Result, Results, Welcome
from tests.dialogue import dialogue
from tests.running_connector import Scripted, connector
from tests.running_relay import context_of, relay
from tests.tenant import Tenant
from tests.tunnel_messages import TUNNEL
from tests.waiting import until


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
