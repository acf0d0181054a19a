"""Tunnels that are refused, lost, resumed, superseded, revoked and left; with real sockets throughout."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from domain.delivery import Outcome
from relay.connector.errors import TokenRefusedError, TunnelRefusedError
from relay.connector.target import Answer
from relay.tunnel.codec import encode
from relay.tunnel.messages import (
    Beat,
    Bye,
    Confirmed,
    Credit,
    Held,
    Hello,
    Message,
    Parcel,
    Problem,
    ProblemCode,
    Result,
    Results,
    Served,
    Settled,
    Welcome,
)
from store import gateways
from tests.tunnel_world import (
    Scripted,
    Tenant,
    connector,
    context_of,
    cuttable,
    dialogue,
    relay,
    until,
)

TUNNEL = "tun_" + "0" * 23


@pytest.fixture
async def quick_port(redis_url: str) -> AsyncIterator[int]:
    """A relay with a quick heart."""
    async with relay(context_of(redis_url, heartbeat_s=0.05)) as port:
        yield port


@pytest.mark.parametrize("token", ["", "fleet_wrong", "x" * 300])
async def test_a_wrong_token_ends_the_connector_with_a_clear_sentence(port: int, token: str) -> None:
    async with connector(port, token, {"ci": Scripted()}) as running:
        with pytest.raises(TokenRefusedError, match="Token refused"):
            await running.task


@pytest.mark.parametrize("headers", [{}, {"authorization": "Basic eA=="}, {"cookie": "token={token}"}])
async def test_only_the_authorization_header_opens_a_tunnel(
    port: int, tenant: Tenant, headers: dict[str, str]
) -> None:
    given = {name: value.format(token=tenant.token) for name, value in headers.items()}
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(f"http://127.0.0.1:{port}/tunnel?token={tenant.token}", headers=given)
    assert caught.value.status == 401
    assert caught.value.headers is not None
    assert caught.value.headers["content-type"] == "application/problem+json"
    assert caught.value.headers["www-authenticate"] == "Bearer"


async def test_an_unknown_subscription_is_named(port: int, tenant: Tenant) -> None:
    tenant.subscribe("here")
    targets = {"here": Scripted(), "nowhere": Scripted(), "gone": Scripted()}
    async with connector(port, tenant.token, targets) as running:
        with pytest.raises(TunnelRefusedError, match="no subscriptions 'nowhere', 'gone'") as caught:
            await running.task
    assert caught.value.code is ProblemCode.UNKNOWN_SUBSCRIPTION
    assert tenant.tunnels() == 0


async def test_the_subscription_of_another_gateway_is_as_unknown_as_any(port: int, tenant: Tenant) -> None:
    other = Tenant(tenant.store)
    theirs = other.subscribe("theirs")
    sentences: list[str] = []
    for name in (theirs, theirs[:-1] + "0"):
        async with dialogue(port, tenant.token, Hello(TUNNEL, (name,), 1)) as talk:
            problem = await talk.hear()
            assert isinstance(problem, Problem)
            sentences.append(problem.sentence.replace(name, "NAME"))
            assert await talk.hung_up() == 1008
    assert sentences[0] == sentences[1]


async def test_a_foreign_delivery_cannot_be_answered(port: int, tenant: Tenant) -> None:
    other = Tenant(tenant.store)
    theirs, ours = other.subscribe(), tenant.subscribe()
    other.post(theirs)
    async with dialogue(port, other.token, Hello(TUNNEL, ("ci",), 1)) as victim:
        assert isinstance(await victim.hear(), Welcome)
        parcel = await victim.hear()
        assert isinstance(parcel, Parcel)
        held = Held(parcel.delivery, parcel.attempt, 1)
        async with dialogue(port, tenant.token, Hello("tun_" + "1" * 23, ("ci",), 1, (held,))) as thief:
            assert isinstance(await thief.hear(), Welcome)
            assert await thief.hear() == Settled((Confirmed(parcel.delivery, 1),))
            await thief.say(Results((Result(parcel.delivery, 1, Outcome.REFUSED),)))
            assert await thief.hear() == Settled((Confirmed(parcel.delivery, 1),))
        assert other.fact(parcel.delivery, "state") == "sent"
    assert tenant.command("XLEN", f"fleet:stream:{ours}") == 0


@pytest.mark.parametrize(
    ("frame", "code", "sentence"),
    [
        ("nonsense", ProblemCode.PROTOCOL, "not JSON"),
        (encode(Beat()), ProblemCode.PROTOCOL, "not expected"),
        (b"\x00\x00\x00\x02{}", ProblemCode.PROTOCOL, "lacks the field"),
        ('{"type":"hello","version":7}', ProblemCode.VERSION, "version 7"),
    ],
)
async def test_a_connector_that_speaks_nonsense_is_told_so(
    port: int, tenant: Tenant, frame: str | bytes, code: ProblemCode, sentence: str
) -> None:
    async with dialogue(port, tenant.token) as talk:
        if isinstance(frame, str):
            await talk.websocket.send_str(frame)
        else:
            await talk.websocket.send_bytes(frame)
        problem = await talk.hear()
        assert isinstance(problem, Problem)
        assert problem.code is code
        assert sentence in problem.sentence
        assert await talk.hung_up() == 1008


async def test_a_frame_that_is_too_large_ends_the_connection(port: int, tenant: Tenant) -> None:
    async with dialogue(port, tenant.token) as talk:
        await talk.websocket.send_str("x" * 300_000)
        assert await talk.hung_up() == 1009


async def test_a_connector_without_a_hello_is_let_go(
    port: int, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.server.tunnel._HELLO_TIMEOUT_S", 0.05)
    async with dialogue(port, tenant.token) as talk:
        problem = await talk.hear()
        assert isinstance(problem, Problem)
        assert "hello" in problem.sentence


async def test_a_relay_that_restarts_finds_the_attempts_still_running(tenant: Tenant, redis_url: str) -> None:
    subscription = tenant.subscribe()
    target = Scripted()
    target.gate.clear()
    async with relay(context_of(redis_url)) as port:
        running_connector = connector(port, tenant.token, {"ci": target})
        running = await running_connector.__aenter__()
        event = tenant.post(subscription)
        await until(lambda: target.under_way == 1)
    await until(lambda: "The relay restarts." in running.recorder.losses)
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
        cuttable(port) as (way, cut),
        connector(way, tenant.token, {"ci": target}, concurrency=4) as running,
    ):
        posted: list[str] = []
        for round_number in range(5):
            await running.connected(round_number + 1)
            posted += [tenant.post(subscription) for _ in range(20)]
            some = 20 * round_number + 1
            await until(lambda some=some: tenant.count("delivered") >= some)
            cut()
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
        await asyncio.sleep(0)
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


async def test_a_newer_connection_of_the_same_tunnel_takes_over(tenant: Tenant, port: int) -> None:
    subscription = tenant.subscribe()
    tenant.post(subscription)
    hello = Hello(TUNNEL, ("ci",), 1)
    async with dialogue(port, tenant.token, hello) as first:
        assert isinstance(await first.hear(), Welcome)
        assert isinstance(await first.hear(), Parcel)
        async with dialogue(port, tenant.token, hello) as second:
            assert isinstance(await second.hear(), Welcome)
            again = await second.hear()
            assert isinstance(again, Parcel)
            assert again.attempt == 2
            problem = await first.hear()
            assert isinstance(problem, Problem)
            assert problem.code is ProblemCode.LEASE_LOST
            assert await first.hung_up() == 1013
    assert tenant.tunnels() == 1


async def test_a_revoked_token_closes_the_tunnel_and_frees_its_deliveries(tenant: Tenant, port: int) -> None:
    subscription = tenant.subscribe()
    target = Scripted()
    target.gate.clear()
    async with connector(port, tenant.token, {"ci": target}) as running:
        tenant.post(subscription)
        await until(lambda: target.under_way == 1)
        tenant.store.run(gateways.revoke(tenant.gateway.id))
        with pytest.raises(TokenRefusedError, match="revoked"):
            await running.task
    await until(lambda: tenant.states() == ["queued"])
    assert tenant.tunnels() == 0


async def test_a_revocation_that_no_bell_announced_is_found_when_the_bell_is_back(
    tenant: Tenant, port: int
) -> None:
    tenant.subscribe()
    async with connector(port, tenant.token, {"ci": Scripted()}) as running:
        await running.connected()
        await until(lambda: tenant.command("PUBSUB", "NUMSUB", "fleet:bell")[1] == 1)
        token_hash = tenant.command("HGET", f"fleet:gateway:{tenant.gateway.id}", "token_hash").decode()
        tenant.command("DEL", f"fleet:access:{token_hash}")
        tenant.command("CLIENT", "KILL", "TYPE", "pubsub")
        with pytest.raises(TokenRefusedError, match="revoked"):
            await asyncio.wait_for(running.task, 5)


async def test_a_lease_is_renewed_by_the_pulse(tenant: Tenant, quick_port: int) -> None:
    tenant.subscribe()
    async with connector(quick_port, tenant.token, {"ci": Scripted()}) as running:
        await running.connected()
        [member] = tenant.command("ZRANGE", "fleet:due", 0, -1)
        first = float(tenant.command("ZSCORE", "fleet:due", member))
        await until(lambda: float(tenant.command("ZSCORE", "fleet:due", member)) > first)


async def test_a_tunnel_whose_lease_is_gone_is_opened_anew(tenant: Tenant, quick_port: int) -> None:
    subscription = tenant.subscribe()
    target = Scripted()
    async with connector(quick_port, tenant.token, {"ci": target}) as running:
        await running.connected()
        tenant.command("DEL", *tenant.command("KEYS", "fleet:tunnel:*"))
        await running.connected(times=2)
        assert running.recorder.losses == ["The lease of this tunnel ended."]
        tenant.post(subscription)
        await until(lambda: len(target.arrivals) == 1)


async def test_a_silent_connector_is_let_go_and_its_lease_left_to_end(
    tenant: Tenant, quick_port: int
) -> None:
    tenant.subscribe()
    async with dialogue(quick_port, tenant.token, Hello(TUNNEL, ("ci",), 1)) as talk:
        assert isinstance(await talk.hear(), Welcome)
        problem = await talk.hear()
        assert isinstance(problem, Problem)
        assert "silent" in problem.sentence
        assert await talk.hung_up() == 1013
    assert tenant.tunnels() == 1


async def test_a_connector_that_only_beats_is_kept(tenant: Tenant, quick_port: int) -> None:
    tenant.subscribe()
    async with dialogue(quick_port, tenant.token, Hello(TUNNEL, ("ci",), 1)) as talk:
        for _ in range(10):
            await talk.websocket.receive()
            await talk.say(Beat())
        assert not talk.websocket.closed


async def test_a_connector_that_does_not_read_is_let_go(
    tenant: Tenant, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.server.wire.WRITE_TIMEOUT_S", 0.1)
    monkeypatch.setattr("relay.server.protocol.LINGER_S", 0.1)
    subscription = tenant.subscribe()
    for _ in range(16):
        tenant.post(subscription, body=bytes(1024 * 1024))
    with capture_logs() as logs:
        async with dialogue(port, tenant.token, Hello(TUNNEL, ("ci",), 16)) as talk:
            await until(lambda: any(entry["event"] == "tunnel_closed" for entry in logs))
            assert await talk.hung_up() == 1006
    assert tenant.tunnels() == 1
    assert "sent" in tenant.states()


class FakeRelay:
    """A relay that says what it is told to and then nothing more."""

    def __init__(self, *messages: Message) -> None:
        self.messages = messages
        self.visits = 0

    async def visit(self, request: web.Request) -> web.WebSocketResponse:
        self.visits += 1
        websocket = web.WebSocketResponse()
        await websocket.prepare(request)
        await websocket.receive()
        for message in self.messages:
            frame = encode(message)
            await (websocket.send_str(frame) if isinstance(frame, str) else websocket.send_bytes(frame))
        async for _ in websocket:
            pass
        return websocket


async def _lost_by(*messages: Message, status: int = 0) -> list[str]:
    fake = FakeRelay(*messages)

    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/tunnel", refuse if status else fake.visit)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with connector(runner.addresses[0][1], "fleet_x", {"ci": Scripted()}) as running:
        await until(lambda: running.recorder.losses)
    await runner.cleanup()
    return running.recorder.losses


SERVED = (Served("ci", "sub_" + "0" * 23, 30),)


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ((Welcome("s", 0.2, 0.02, SERVED),), "no sign of life"),
        ((Welcome("s", 15, 5, SERVED), Bye()), "bye is not expected"),
        ((Welcome("s", 15, 5, (Served("other", "sub_" + "0" * 23, 30),)),), "other subscriptions"),
        ((Problem(ProblemCode.UNAVAILABLE, "Come again."),), "Come again."),
    ],
)
async def test_a_relay_that_misbehaves_is_left_and_tried_again(
    messages: tuple[Message, ...], reason: str
) -> None:
    losses = await _lost_by(*messages)
    assert reason in losses[0]


async def test_a_relay_that_does_not_greet_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.connector.link.CONNECT_TIMEOUT_S", 0.1)
    assert await _lost_by() == ["The relay does not greet us."]


@pytest.mark.parametrize("status", [404, 503])
async def test_a_relay_that_is_not_ready_is_tried_again(status: int) -> None:
    losses = await _lost_by(status=status)
    assert losses[0] == f"The relay answered {status}."
