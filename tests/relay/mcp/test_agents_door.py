"""POST /mcp: who gets in, how much of it, and how a call ends before its time."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from relay.connector.trust import trusting
from relay.mcp.tools import TOOLS
from relay.server import calls_in_hand
from relay.server.calls_in_hand import CallsInHand
from store import gateways
from store.connect import SyncStore
from store.stopping import Patience
from tests.agent import MODES, Agent, over_http
from tests.certificates import Authority, files
from tests.owner_door import ended_tokens, new_gateway
from tests.running_relay import context_of, relay, stoppable, tls_relay
from tests.tenant import Tenant
from tests.waiting import WAIT_S, until

CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
HEADERS = {
    "Accept": "application/json, text/event-stream",
    "Content-Type": "application/json",
    "MCP-Protocol-Version": "2025-06-18",
}


def calling(tool: str = "list_webhooks", **arguments: Any) -> bytes:
    return json.dumps({**CALL, "params": {"name": tool, "arguments": arguments}}).encode()


@asynccontextmanager
async def answer(
    port: int, token: str | None, raw: bytes = b"", method: str = "POST", **headers: str
) -> AsyncGenerator[aiohttp.ClientResponse]:
    authorization = {} if token is None else {"Authorization": f"Bearer {token}"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        aiohttp.ClientSession() as session,
        session.request(
            method,
            f"http://127.0.0.1:{port}/mcp",
            data=raw or calling(),
            headers={**HEADERS, **authorization, **named},
        ) as found,
    ):
        yield found


@asynccontextmanager
async def agent(port: int, token: str, mode: str = "auto") -> AsyncGenerator[Agent]:
    async with over_http(f"http://127.0.0.1:{port}", token, mode) as found:
        yield found


async def test_who_has_no_token_is_answered_as_by_the_control_api(port: int, redis_url: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/api/v1/webhooks") as of_api,
    ):
        said = await of_api.read()
    for token in (None, "fleet_wrong", *await asyncio.to_thread(ended_tokens, redis_url)):
        async with answer(port, token) as found:
            assert (found.status, await found.read()) == (401, said)
            assert found.headers["www-authenticate"] == "Bearer"
            assert found.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "OPTIONS"])
async def test_only_posts_are_answered(port: int, tenant: Tenant, method: str) -> None:
    async with answer(port, tenant.token, method=method) as found:
        assert (found.status, found.headers["allow"]) == (405, "POST")


async def test_pages_of_other_origins_are_refused(port: int, tenant: Tenant) -> None:
    for origin in ("https://evil.example", "null", f"http://127.0.0.1:{port + 1}"):
        async with answer(port, tenant.token, Origin=origin) as found:
            assert (found.status, (await found.json())["code"]) == (403, "foreign_origin")
    async with answer(port, tenant.token, Sec_Fetch_Site="cross-site", Origin="null") as found:
        assert found.status == 403
    async with answer(port, tenant.token, Origin=f"http://127.0.0.1:{port}") as found:
        assert found.status == 200


async def test_behind_a_proxy_it_is_called_by_any_name(port: int, tenant: Tenant) -> None:
    async with answer(
        port, tenant.token, Host="fleet.example.org", X_Forwarded_Proto="https", X_Forwarded_For="192.0.2.7"
    ) as found:
        assert found.status == 200


async def test_large_bodies_and_none_at_all_are_refused(port: int, tenant: Tenant) -> None:
    async with answer(port, tenant.token, calling(x="x" * 65_536)) as found:
        assert (found.status, (await found.json())["code"]) == (413, "body_too_large")
    for raw in (b"{", b"[]", b"null", b"\xff", b"[" * 60_000):
        async with answer(port, tenant.token, raw) as found:
            assert found.status == 400
        async with answer(port, tenant.token, raw, MCP_Protocol_Version="2026-07-28") as found:
            assert found.status == 400


@pytest.mark.parametrize("mode", MODES)
async def test_a_tenant_sees_its_own(port: int, redis_url: str, mode: str) -> None:
    (_, first), (_, second) = (new_gateway(redis_url, name) for name in ("first", "second"))
    async with agent(port, first, mode) as one, agent(port, second, mode) as other:
        made = await one.call("create_webhook", name="github", sender="github")
        event = (await one.call("list_webhooks"))["webhooks"][0]
        assert event["url"] == made["url"]
        assert (await other.call("list_webhooks"))["webhooks"] == []
        for tool, asked in (
            ("show_webhook", "name"),
            ("test_webhook", "name"),
            ("rotate_secret", "name"),
            ("delete_webhook", "name"),
            ("unsubscribe", "name"),
            ("wait_for_event", "webhook"),
            ("list_events", "webhook"),
            ("retry_deliveries", "webhook"),
        ):
            foreign = await other.refused(tool, **{asked: "github"})
            unknown = await other.refused(tool, **{asked: "gothub"})
            assert foreign == unknown.replace("gothub", "github")
        assert "github" in await other.refused("subscribe", name="ci", webhooks=["github"])
        assert len((await one.call("list_webhooks"))["webhooks"]) == 1


async def waiting(found: Agent, **more: Any) -> asyncio.Task[Any]:
    """A call that waits, at the relay."""
    told = asyncio.Event()

    async def progress(*_: object) -> None:
        told.set()

    task = asyncio.create_task(
        found.client.call_tool("wait_for_event", {"timeout_s": 60, **more}, progress_callback=progress)
    )
    await asyncio.wait_for(told.wait(), WAIT_S)
    return task


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits tells of it at once."""
    monkeypatch.setattr("relay.mcp.waiting.PROGRESS_S", 0.0)
    monkeypatch.setattr("relay.mcp.waiting.LOOK_S", 0.05)


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("mode", MODES)
async def test_a_stopping_relay_answers_who_waits_and_ends(redis_url: str, tenant: Tenant, mode: str) -> None:
    async with stoppable(context_of(redis_url)) as running, agent(running.port, tenant.token, mode) as found:
        wait = await waiting(found)
        running.stop()
        result = await asyncio.wait_for(wait, WAIT_S)
        assert "stopping" in result.content[0].text
        assert result.structured_content["after"] == "start"
    await asyncio.wait_for(running.serving, WAIT_S)


async def test_a_body_that_still_comes_when_the_relay_stops_is_given_up_in_silence(
    redis_url: str, tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    async with stoppable(context_of(redis_url), Patience(drain_s=0)) as running:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        head = (f"{name}: {value}\r\n" for name, value in HEADERS.items())
        bearer = f"Authorization: Bearer {tenant.token}\r\nContent-Length: 1000\r\n"
        writer.write(f"POST /mcp HTTP/1.1\r\nHost: relay\r\n{''.join(head)}{bearer}\r\n{{".encode())
        await until(lambda: running.server.server_state.tasks)
        running.stop()
        said = await asyncio.wait_for(reader.read(), WAIT_S)
        writer.close()
        await asyncio.wait_for(running.serving, WAIT_S)
    assert b"body_cut_off" in said
    assert not [each for each in caplog.records if "ASGI" in each.getMessage()]


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("mode", MODES)
async def test_a_wait_ends_with_its_token(port: int, tenant: Tenant, mode: str) -> None:
    async with agent(port, tenant.token, mode) as found:
        wait = await waiting(found)
        tenant.store.run(gateways.revoke(tenant.gateway.id))
        result = await asyncio.wait_for(wait, WAIT_S)
        assert result.is_error
        assert "does not open any more" in result.content[0].text


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("mode", MODES)
async def test_calls_are_bounded_for_each_gateway_and_end_when_the_client_hangs_up(
    redis_url: str, tenant: Tenant, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr(calls_in_hand, "MOST_OF_A_GATEWAY", 2)
    _, other = new_gateway(redis_url, "other")
    async with relay(context_of(redis_url)) as port:
        async with agent(port, tenant.token, mode) as found:
            waits = [await waiting(found), await waiting(found)]
            async with answer(port, tenant.token) as refused:
                assert (refused.status, (await refused.json())["code"]) == (429, "too_many_calls")
                assert refused.headers["retry-after"] == "10"
            async with answer(port, other) as answered:
                assert answered.status == 200
            for wait in waits:
                wait.cancel()
            await asyncio.wait(waits)
        status = 429
        async with asyncio.timeout(WAIT_S):
            while status == 429:
                async with answer(port, tenant.token) as found:
                    status = found.status
        assert status == 200


def test_a_gateway_has_so_many_calls_a_minute() -> None:
    now = [0]
    calls = CallsInHand(lambda: now[0])
    for _ in range(calls_in_hand.MOST_A_MINUTE):
        assert calls.may_begin("gw_1")
        with calls.one_of("gw_1"):
            pass
    assert not calls.may_begin("gw_1")
    assert calls.may_begin("gw_2")
    now[0] = 60_000
    assert calls.may_begin("gw_1")


def test_all_gateways_together_have_so_many_calls_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls_in_hand, "MOST", 2)
    calls = CallsInHand(lambda: 0)
    with calls.one_of("gw_1"), calls.one_of("gw_2"):
        assert not calls.may_begin("gw_3")
    assert calls.may_begin("gw_3")


async def test_what_is_wrong_with_us_is_told_to_the_log_alone(
    port: int, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("hush")

    monkeypatch.setitem(
        TOOLS,
        "list_webhooks",
        TOOLS["list_webhooks"].__class__(
            **{
                **{name: getattr(TOOLS["list_webhooks"], name) for name in TOOLS["list_webhooks"].__slots__},
                "run": broken,
            }
        ),
    )
    async with agent(port, tenant.token) as found:
        assert await found.refused("list_webhooks") == "The gateway cannot do this; its log says why."


async def test_a_redis_that_is_away_is_a_sentence(redis_url: str, tenant: Tenant) -> None:
    context = context_of(redis_url)
    async with relay(context) as port, agent(port, tenant.token) as found:
        with SyncStore(redis_url).client as client:
            client.config_set("maxmemory", 1)
        refused = await found.refused("create_webhook", name="github", sender="github")
    assert "Redis" in refused


async def test_over_tls_the_official_client_is_answered_too(
    redis_url: str, tenant: Tenant, tmp_path: Path
) -> None:
    authority, pair = Authority(), files(tmp_path, "FLEET_RELAY_TLS")
    authority.issue().write(pair)
    trust = trusting(authority.write(tmp_path / "ca.pem"))
    headers = {"Authorization": f"Bearer {tenant.token}"}
    with tls_relay(context_of(redis_url), pair) as port:
        async with (
            httpx2.AsyncClient(headers=headers, verify=trust, timeout=WAIT_S) as http,
            Client(streamable_http_client(f"https://127.0.0.1:{port}/mcp", http_client=http)) as client,
        ):
            assert {tool.name for tool in (await client.list_tools()).tools} == set(TOOLS)
