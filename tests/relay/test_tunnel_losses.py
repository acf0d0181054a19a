"""Connections, relays and Redis that go away under work: nothing is lost, and nothing is done twice."""

from domain.delivery import Outcome
from relay.connector.target import Answer
from tests.running_connector import Scripted, connector
from tests.running_relay import context_of, relay
from tests.tenant import Tenant
from tests.troubled_line import troubled_line
from tests.waiting import until


async def test_a_relay_that_restarts_finds_the_attempts_still_running(tenant: Tenant, redis_url: str) -> None:
    subscription = tenant.subscribe()
    target = Scripted()
    target.gate.clear()
    async with relay(context_of(redis_url)) as port:
        running_connector = connector(port, tenant.token, {"ci": target})
        running = await running_connector.__aenter__()
        event = tenant.post(subscription)
        await until(lambda: target.under_way == 1)
    assert len(running.recorder.moves) == 1
    assert tenant.states() == ["sent"]
    async with relay(context_of(redis_url), port):
        await running.connected(times=2)
        target.gate.set()
        await until(lambda: tenant.states() == ["delivered"])
        await running_connector.__aexit__(None, None, None)
    assert [(arrival.event, arrival.attempt) for arrival in target.arrivals] == [(event, 1)]


async def test_a_result_that_found_no_relay_is_settled_by_the_next_one(
    tenant: Tenant, redis_url: str
) -> None:
    subscription = tenant.subscribe()
    target = Scripted(Answer(Outcome.REFUSED, "no"))
    target.gate.clear()
    async with relay(context_of(redis_url)) as port:
        running_connector = connector(port, tenant.token, {"ci": target})
        running = await running_connector.__aenter__()
        tenant.post(subscription)
        await until(lambda: target.under_way == 1)
    target.gate.set()
    await running.attempted(1)
    assert tenant.states() == ["sent"]
    async with relay(context_of(redis_url), port):
        await until(lambda: tenant.states() == ["refused"])
        await running_connector.__aexit__(None, None, None)
    assert len(target.arrivals) == 1


async def test_a_connection_that_is_cut_again_and_again_loses_and_repeats_nothing(
    tenant: Tenant, port: int
) -> None:
    subscription = tenant.subscribe()
    target = Scripted()
    async with (
        troubled_line(port) as line,
        connector(line.port, tenant.token, {"ci": target}, concurrency=4) as running,
    ):
        posted: list[str] = []
        for round_number in range(5):
            await running.connected(round_number + 1)
            posted += [tenant.post(subscription) for _ in range(20)]
            some = 20 * round_number + 1
            await until(lambda some=some: tenant.count("delivered") >= some)
            line.reset()
        await until(lambda: tenant.count("delivered") == 100)
    assert sorted(arrival.event for arrival in target.arrivals) == sorted(posted)


async def test_a_result_that_redis_did_not_take_is_said_again(tenant: Tenant, port: int) -> None:
    subscription = tenant.subscribe()
    target = Scripted()
    target.gate.clear()
    async with connector(port, tenant.token, {"ci": target}) as running:
        tenant.post(subscription)
        await until(lambda: target.under_way == 1)
        tenant.command("CONFIG", "SET", "min-replicas-to-write", 1)
        try:
            target.gate.set()
            await until(lambda: len(running.recorder.losses) > 1)
        finally:
            tenant.command("CONFIG", "SET", "min-replicas-to-write", 0)
        await until(lambda: tenant.states() == ["delivered"])
    assert running.recorder.losses[0] == "The gateway's Redis does not answer now; try again."
    assert len(target.arrivals) == 1
