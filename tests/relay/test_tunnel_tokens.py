"""When a token ends, so does every tunnel that came with it: at once, and the reason is told."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from starlette.requests import HTTPConnection

from relay.connector.errors import TokenRefusedError
from relay.server.access import access_of
from relay.tunnel.messages import Hello, Welcome
from relay.tunnel.problem import Problem, ProblemCode
from store import gateways, tokens
from store.gateways import Access
from tests.dialogue import Dialogue, dialogue
from tests.running_connector import Scripted, connector
from tests.running_relay import context_of, relay
from tests.tenant import Tenant, clock_ms
from tests.tunnel_messages import TUNNEL
from tests.waiting import WAIT_S, until

SOON_MS = 1500
"""Time to open a tunnel or two on a busy machine, before the token ends."""


@pytest.fixture
async def port(redis_url: str) -> AsyncIterator[int]:
    """A relay whose heart does not beat in a test: what ends a tunnel here is the bell, or its own timer."""
    async with relay(context_of(redis_url, heartbeat_s=600, lease_ms=3_600_000)) as port:
        yield port


def renewed(tenant: Tenant, *, expires_ms: int | None = None, grace_ms: int | None = None) -> str:
    """A new token of the gateway."""
    token, now = tokens.access_token(os.urandom(32)), clock_ms()
    later = [None if length is None else now + length for length in (expires_ms, grace_ms)]
    assert tenant.store.run(gateways.renew(tenant.gateway.id, tokens.hashed(token), *later))
    return token


def revoked(tenant: Tenant) -> None:
    assert tenant.store.run(gateways.revoke(tenant.gateway.id))


@asynccontextmanager
async def tunnel(port: int, token: str, number: int = 0) -> AsyncIterator[Dialogue]:
    async with dialogue(port, token, Hello(TUNNEL[:-1] + str(number), ("ci",), 1)) as talk:
        assert isinstance(await talk.hear(), Welcome)
        yield talk


async def refused(talk: Dialogue, why: str) -> None:
    problem = await talk.hear()
    assert isinstance(problem, Problem)
    assert problem.code is ProblemCode.TOKEN_REFUSED
    assert why in problem.sentence
    assert await talk.hung_up() == 1008


@pytest.mark.parametrize("end", [revoked, renewed])
async def test_a_token_that_is_withdrawn_closes_its_tunnel_at_once(
    tenant: Tenant, port: int, end: Callable[[Tenant], object]
) -> None:
    tenant.subscribe()
    async with tunnel(port, tenant.token) as talk:
        end(tenant)
        await refused(talk, "revoked or replaced")
    assert tenant.tunnels() == 0


async def test_a_token_that_expires_closes_its_tunnel_at_once(tenant: Tenant, port: int) -> None:
    tenant.subscribe()
    async with tunnel(port, renewed(tenant, expires_ms=SOON_MS)) as talk:
        await refused(talk, "has expired")
    assert tenant.tunnels() == 0


async def test_a_token_that_expires_while_it_is_looked_at_has_expired(
    tenant: Tenant, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late(connection: HTTPConnection) -> Access | None:
        await until(lambda: not tenant.command("EXISTS", f"fleet:access:{tokens.hashed(token)}"))
        return await access_of(connection)

    monkeypatch.setattr("relay.server.watch.access_of", late)
    tenant.subscribe()
    token = renewed(tenant, expires_ms=SOON_MS)
    async with tunnel(port, token) as talk:
        renewed(tenant, grace_ms=60_000)  # makes the relay look
        await refused(talk, "has expired")


async def test_in_the_time_of_grace_both_tokens_open_and_then_the_old_one_ends(
    tenant: Tenant, port: int
) -> None:
    tenant.subscribe()
    async with tunnel(port, tenant.token) as old:
        token = renewed(tenant, grace_ms=2 * SOON_MS)
        async with tunnel(port, token, 1) as new, tunnel(port, tenant.token, 2) as late:
            await refused(late, "has expired")
            await refused(old, "has expired")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(new.hear(), 0.1)


async def test_a_second_renewal_ends_the_older_of_two_tokens_only(tenant: Tenant, port: int) -> None:
    tenant.subscribe()
    second = renewed(tenant, grace_ms=60_000)
    async with tunnel(port, tenant.token) as first, tunnel(port, second, 1) as still:
        renewed(tenant, grace_ms=60_000)
        await refused(first, "revoked or replaced")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(still.hear(), 0.1)
        revoked(tenant)
        await refused(still, "revoked or replaced")


async def test_a_token_that_ends_before_the_hello_opens_no_tunnel(tenant: Tenant, port: int) -> None:
    tenant.subscribe()
    async with dialogue(port, tenant.token) as talk:
        revoked(tenant)
        await talk.say(Hello(TUNNEL, ("ci",), 1))
        heard = await talk.hear()
        if isinstance(heard, Welcome):
            heard = await talk.hear()
        assert isinstance(heard, Problem)
        assert heard.code is ProblemCode.TOKEN_REFUSED
    assert tenant.tunnels() == 0


async def test_a_connector_is_told_that_its_token_has_expired(tenant: Tenant, port: int) -> None:
    tenant.subscribe()
    token = renewed(tenant, expires_ms=SOON_MS)
    async with connector(port, token, {"ci": Scripted()}) as running:
        with pytest.raises(TokenRefusedError, match="has expired"):
            await asyncio.wait_for(running.task, WAIT_S)
    async with connector(port, token, {"ci": Scripted()}) as running:
        with pytest.raises(TokenRefusedError, match="it has expired"):
            await asyncio.wait_for(running.task, WAIT_S)


async def test_a_revoked_token_ends_its_tunnel_although_nobody_hears_the_bell(
    tenant: Tenant, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hearing(_: object) -> None:
        raise OSError

    monkeypatch.setattr("relay.server.doorbell.hearing", hearing)
    tenant.subscribe()
    async with (
        relay(context_of(redis_url, heartbeat_s=0.1)) as port,
        tunnel(port, tenant.token) as talk,
    ):
        revoked(tenant)
        await refused(talk, "revoked")
