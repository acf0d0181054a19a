"""When a token ends, so does every tunnel that came with it: within a second, and the reason is told."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from relay.connector.errors import TokenRefusedError
from relay.tunnel.messages import Hello, Problem, ProblemCode, Welcome
from store import gateways, tokens
from tests.dialogue import Dialogue, dialogue
from tests.running_connector import Scripted, connector
from tests.running_relay import context_of, relay
from tests.tenant import Tenant, clock_ms
from tests.tunnel_messages import TUNNEL

SOON_MS = 300


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


async def seconds_until_refused(talk: Dialogue, why: str) -> float:
    began = time.monotonic()
    problem = await talk.hear()
    assert isinstance(problem, Problem)
    assert problem.code is ProblemCode.TOKEN_REFUSED
    assert why in problem.sentence
    assert await talk.hung_up() == 1008
    return time.monotonic() - began


@pytest.mark.parametrize("end", [revoked, renewed])
async def test_a_token_that_is_withdrawn_closes_its_tunnel_within_a_second(
    tenant: Tenant, port: int, end: Callable[[Tenant], object]
) -> None:
    tenant.subscribe()
    async with tunnel(port, tenant.token) as talk:
        end(tenant)
        assert await seconds_until_refused(talk, "revoked or replaced") < 1
    assert tenant.tunnels() == 0


async def test_a_token_that_expires_closes_its_tunnel_within_a_second(tenant: Tenant, port: int) -> None:
    tenant.subscribe()
    async with tunnel(port, renewed(tenant, expires_ms=SOON_MS)) as talk:
        assert await seconds_until_refused(talk, "has expired") < 1 + SOON_MS / 1000
    assert tenant.tunnels() == 0


async def test_in_the_time_of_grace_both_tokens_open_and_then_the_old_one_ends(
    tenant: Tenant, port: int
) -> None:
    tenant.subscribe()
    async with tunnel(port, tenant.token) as old:
        token = renewed(tenant, grace_ms=2 * SOON_MS)
        async with tunnel(port, token, 1) as new, tunnel(port, tenant.token, 2) as late:
            assert await seconds_until_refused(late, "has expired") < 1 + 2 * SOON_MS / 1000
            assert await seconds_until_refused(old, "has expired") < 1
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(new.websocket.receive(), 0.1)


async def test_a_second_renewal_ends_the_older_of_two_tokens_only(tenant: Tenant, port: int) -> None:
    tenant.subscribe()
    second = renewed(tenant, grace_ms=60_000)
    async with tunnel(port, tenant.token) as first, tunnel(port, second, 1) as still:
        renewed(tenant, grace_ms=60_000)
        assert await seconds_until_refused(first, "revoked or replaced") < 1
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(still.websocket.receive(), 0.1)
        revoked(tenant)
        assert await seconds_until_refused(still, "revoked or replaced") < 1


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
            await asyncio.wait_for(running.task, 5)
    async with connector(port, token, {"ci": Scripted()}) as running:
        with pytest.raises(TokenRefusedError, match="it has expired"):
            await asyncio.wait_for(running.task, 5)


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
        assert await seconds_until_refused(talk, "revoked") < 5
