"""Whom the relay lets in, and how it says no: tokens, subscriptions, foreign deliveries, nonsense."""

from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from domain.delivery import Outcome
from relay.connector.errors import TokenRefusedError, TunnelRefusedError
from relay.server import greeting
from relay.server.refusals import Refusals
from relay.tunnel.codec import encode
from relay.tunnel.messages import Beat, Confirmed, Held, Hello, Parcel, Result, Results, Settled, Welcome
from relay.tunnel.problem import Problem, ProblemCode
from store import subscriptions
from tests.dialogue import dialogue
from tests.running_connector import Scripted, connector
from tests.running_relay import context_of, relay
from tests.tenant import Tenant
from tests.tunnel_messages import TUNNEL


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
    assert "'fleet subscriptions add nowhere --webhook WEBHOOK' makes one." in str(caught.value)
    assert tenant.tunnels() == 0


async def test_a_subscription_that_ends_before_the_lease_is_claimed_is_as_unknown(
    port: int, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that 'fleet listen' makes another one, instead of listening to nothing."""
    subscription = tenant.subscribe()
    claim = greeting.claim

    async def late(*arguments: Any) -> int:
        tenant.store.run(subscriptions.remove(tenant.gateway.id, subscription, 1))
        return await claim(*arguments)

    monkeypatch.setattr(greeting, "claim", late)
    async with dialogue(port, tenant.token, Hello(TUNNEL, ("ci",), 1)) as talk:
        problem = await talk.hear()
        assert isinstance(problem, Problem)
        assert problem.code is ProblemCode.UNKNOWN_SUBSCRIPTION
        assert await talk.hung_up() == 1008
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


async def test_a_refused_connector_does_not_fill_the_log(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as logs:
        async with aiohttp.ClientSession() as session, relay(context_of(redis_url)) as own:
            for _ in range(3):
                with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                    await session.ws_connect(f"http://127.0.0.1:{own}/tunnel")
                assert caught.value.status == 401
    assert [(log["reason"], log["times"]) for log in logs if log["event"] == "tunnel_refused"] == [
        ("no_access", 1)
    ]
    assert [log for log in logs if log["log_level"] == "error"] == []
    assert [record.getMessage() for record in caplog.records if record.name.startswith("uvicorn")] == []


def test_refusals_are_told_once_a_minute_with_their_number() -> None:
    now = 0
    refusals = Refusals(lambda: now)
    with capture_logs() as logs:
        for _ in range(3):
            refusals.note("no_access", "192.0.2.1")
        refusals.note("stopping", "192.0.2.1")
        now = 60_000
        refusals.note("no_access", "192.0.2.2")
    assert [(log["reason"], log["address"], log["times"]) for log in logs] == [
        ("no_access", "192.0.2.1", 1),
        ("stopping", "192.0.2.1", 1),
        ("no_access", "192.0.2.2", 3),
    ]
    assert {log["log_level"] for log in logs} == {"info"}
