"""Through the tunnel: a real relay, a real connector, a real local server; and what the store says of it."""

import asyncio
import hashlib
import os

import pytest

from domain.delivery import Outcome
from domain.event import Request
from domain.webhook import MAX_BODY_BYTES
from relay.connector.target import Answer, Arrival, KeepAlive
from relay.tunnel.messages import Credit, Hello, Parcel, Welcome
from tests.dialogue import dialogue
from tests.local_server import Seen, answer, local_server
from tests.running_connector import Scripted, connector, http_targets
from tests.running_relay import context_of, relay
from tests.tenant import Tenant, clock_ms
from tests.tunnel_messages import TUNNEL
from tests.waiting import until


async def test_a_request_arrives_as_it_was_sent_and_leaves_nothing_behind(tenant: Tenant, port: int) -> None:
    headers = ((b"x-b", b"1"), (b"x-a", b"\xff"), (b"x-b", b"2"), (b"content-length", b"1048576"))
    request = Request("POST", b"/a%20b", b"q=%31", headers, os.urandom(MAX_BODY_BYTES))
    subscription = tenant.subscribe()
    async with (
        local_server() as local,
        http_targets(ci=local.url + "/hooks") as targets,
        connector(port, tenant.token, targets) as running,
    ):
        await running.connected()
        event = tenant.post(subscription, request=request)
        [seen] = await local.requests(1)
        await until(lambda: tenant.states() == ["delivered"])
    assert seen.start_line == b"POST /hooks/a%20b?q=%31 HTTP/1.1"
    assert seen.headers[1:5] == list(headers)
    assert seen.header(b"fleet-event") == event.encode()
    assert seen.header(b"fleet-verified") == b"github-sha256"
    assert hashlib.sha256(seen.body).digest() == hashlib.sha256(request.body).digest()
    assert tenant.command("EXISTS", f"fleet:body:{event}") == 0
    assert tenant.command("XLEN", f"fleet:stream:{subscription}") == 0
    [(arrival, said)] = running.recorder.attempts
    assert (arrival.event, arrival.webhook, arrival.subscription, arrival.attempt) == (event, "hook", "ci", 1)
    assert said == Answer(Outcome.DELIVERED, "200")


async def test_what_waited_while_the_connector_was_away_arrives_each_once(tenant: Tenant, port: int) -> None:
    subscription = tenant.subscribe()
    posted = [tenant.post(subscription) for _ in range(300)]
    target = Scripted()
    async with connector(port, tenant.token, {"ci": target}, concurrency=4):
        await until(lambda: tenant.count("delivered") == 300)
    assert sorted(arrival.event for arrival in target.arrivals) == sorted(posted)
    assert 0 < target.most <= 4


async def test_credit_holds_deliveries_back(tenant: Tenant, port: int) -> None:
    subscription = tenant.subscribe()
    for _ in range(3):
        tenant.post(subscription)
    async with dialogue(port, tenant.token, Hello(TUNNEL, ("ci",), 0)) as talk:
        assert isinstance(await talk.hear(), Welcome)
        assert tenant.states() == ["queued"] * 3
        await talk.say(Credit(2))
        assert isinstance(await talk.hear(), Parcel)
        assert isinstance(await talk.hear(), Parcel)
        assert tenant.states() == ["queued", "sent", "sent"]


async def test_two_connectors_share_a_subscription(tenant: Tenant, port: int) -> None:
    subscription = tenant.subscribe()
    first, second = Scripted(), Scripted()
    async with (
        connector(port, tenant.token, {"ci": first}, concurrency=1) as one,
        connector(port, tenant.token, {"ci": second}, concurrency=1) as two,
    ):
        await one.connected()
        await two.connected()
        posted = [tenant.post(subscription) for _ in range(100)]
        await until(lambda: tenant.count("delivered") == 100)
    arrived = [arrival.event for arrival in (*first.arrivals, *second.arrivals)]
    assert sorted(arrived) == sorted(posted)


async def test_each_subscription_has_its_target(tenant: Tenant, port: int) -> None:
    here, there = tenant.subscribe("here"), tenant.subscribe("there")
    targets = {"there": Scripted(), "here": Scripted()}
    async with connector(port, tenant.token, targets):
        to_here, to_there = tenant.post(here), tenant.post(there)
        await until(lambda: tenant.states() == ["delivered"] * 2)
    assert [arrival.event for arrival in targets["here"].arrivals] == [to_here]
    assert [arrival.event for arrival in targets["there"].arrivals] == [to_there]


@pytest.mark.parametrize(
    ("status", "wish", "pause_s"), [(500, (), 5), (503, ("retry-after: 77",), 77), (404, (), 5), (302, (), 5)]
)
async def test_a_failed_attempt_is_due_again(
    tenant: Tenant, port: int, status: int, wish: tuple[str, ...], pause_s: int
) -> None:
    subscription = tenant.subscribe()
    began = clock_ms()
    async with (
        local_server(lambda _: answer(status, *wish)) as local,
        http_targets(ci=local.url) as targets,
        connector(port, tenant.token, targets),
    ):
        tenant.post(subscription)
        await until(lambda: tenant.states() == ["retrying"])
    [delivery] = tenant.deliveries()
    due = int(tenant.command("ZSCORE", "fleet:due", f"d:{delivery}"))
    assert began + pause_s * 1000 <= due <= clock_ms() + pause_s * 1000
    assert tenant.fact(delivery, "note") == str(status)


async def test_410_is_refused_for_good(tenant: Tenant, port: int) -> None:
    subscription = tenant.subscribe()
    async with (
        local_server(lambda _: answer(410)) as local,
        http_targets(ci=local.url) as targets,
        connector(port, tenant.token, targets),
    ):
        tenant.post(subscription)
        await until(lambda: tenant.states() == ["refused"])


async def test_the_last_attempt_exhausts_a_delivery(tenant: Tenant, redis_url: str) -> None:
    subscription = tenant.subscribe()
    target = Scripted(Answer(Outcome.RETRY, "500"))
    async with (
        relay(context_of(redis_url, retry_schedule_s=())) as port,
        connector(port, tenant.token, {"ci": target}),
    ):
        tenant.post(subscription)
        await until(lambda: tenant.states() == ["exhausted"])


async def test_a_target_that_fails_is_a_retry_and_its_words_stay_here(tenant: Tenant, port: int) -> None:
    class Broken:
        async def deliver(self, arrival: Arrival, keep_alive: KeepAlive) -> Answer:
            del keep_alive
            raise ValueError(arrival.request.body.decode())

    subscription = tenant.subscribe()
    async with connector(port, tenant.token, {"ci": Broken()}) as running:
        tenant.post(subscription, body=b"canary")
        await until(lambda: tenant.states() == ["retrying"])
    assert running.recorder.attempts[0][1] == Answer(Outcome.RETRY, "target failed")


async def test_a_target_that_takes_too_long_is_a_timeout(
    tenant: Tenant, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow:
        async def deliver(self, arrival: Arrival, keep_alive: KeepAlive) -> Answer:
            del keep_alive
            await asyncio.Event().wait()
            return Answer(Outcome.DELIVERED, arrival.event)

    monkeypatch.setattr("relay.connector.allowance.OVERTIME_S", -0.9)
    subscription = tenant.subscribe(timeout_s=1)
    async with connector(port, tenant.token, {"ci": Slow()}) as running:
        tenant.post(subscription)
        await until(lambda: tenant.states() == ["retrying"])
    assert running.recorder.attempts[0][1] == Answer(Outcome.RETRY, "timeout")


@pytest.mark.parametrize("spoil", ["DEL", "SET"])
async def test_a_body_that_cannot_be_read_stands_among_the_exhausted(
    tenant: Tenant, port: int, spoil: str
) -> None:
    subscription = tenant.subscribe()
    event, good = tenant.post(subscription), tenant.post(subscription)
    tenant.command(spoil, f"fleet:body:{event}", *(["no sealed value"] if spoil == "SET" else []))
    target = Scripted()
    async with connector(port, tenant.token, {"ci": target}, concurrency=1):
        await until(lambda: tenant.states() == ["delivered", "exhausted"])
    assert [arrival.event for arrival in target.arrivals] == [good]
    [dead] = [delivery for delivery, state in tenant.deliveries().items() if state == "exhausted"]
    assert tenant.fact(dead, "note") == "body unreadable"


async def test_what_arrives_through_the_bell_does_not_wait_for_the_pulse(tenant: Tenant, port: int) -> None:
    subscription = tenant.subscribe()
    target = Scripted()
    async with connector(port, tenant.token, {"ci": target}) as running:
        await running.connected()
        for number in range(1, 6):
            tenant.post(subscription)
            await until(lambda number=number: len(target.arrivals) == number, wait_s=2)


async def test_a_lost_doorbell_is_found_again(tenant: Tenant, port: int) -> None:
    subscription = tenant.subscribe()
    target = Scripted()
    async with connector(port, tenant.token, {"ci": target}) as running:
        await running.connected()
        await until(lambda: tenant.command("PUBSUB", "NUMSUB", "fleet:bell")[1] == 1)
        assert tenant.command("CLIENT", "KILL", "TYPE", "pubsub") == 1
        # Whether it rings before or after the bell is back: this one and the next one arrive soon.
        for number in (1, 2):
            tenant.post(subscription)
            await until(lambda number=number: len(target.arrivals) == number, wait_s=3)
            await until(lambda: tenant.command("PUBSUB", "NUMSUB", "fleet:bell")[1] == 1)


async def test_a_local_server_sees_500_deliveries_at_full_speed_each_once(tenant: Tenant, port: int) -> None:
    subscription = tenant.subscribe()
    posted = [tenant.post(subscription, body=b"%d" % number) for number in range(500)]
    seen: list[bytes] = []

    def respond(request: Seen) -> bytes:
        seen.append(request.header(b"fleet-event") or b"")
        return answer(200)

    async with (
        local_server(respond) as local,
        http_targets(ci=local.url) as targets,
        connector(port, tenant.token, targets, concurrency=64),
    ):
        await until(lambda: tenant.count("delivered") == 500)
    assert sorted(seen) == sorted(event.encode() for event in posted)
    assert local.connections <= 64
