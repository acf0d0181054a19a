"""Who may do what at the relay's door beside the control API: the tunnel, what is named in it, and health."""

import aiohttp
import pytest

from domain.delivery import Outcome
from relay.tunnel.codec import encode
from relay.tunnel.messages import Held, Hello, Result, Results, Welcome
from relay.tunnel.problem import Problem
from tests.dialogue import dialogue
from tests.owner_door import ended_tokens
from tests.tenant import Tenant
from tests.tunnel_messages import TUNNEL

Seen = tuple[int, dict[str, str], bytes]


async def look(port: int, path: str, token: str | None) -> Seen:
    """Everything that a caller sees of an answer, but for the time of day."""
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    if path == "/tunnel":
        headers |= {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
        headers |= {"sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}", headers=headers) as response,
    ):
        seen = {name.lower(): value for name, value in response.headers.items() if name.lower() != "date"}
        return response.status, seen, await response.read()


async def test_the_handshake_answers_every_token_that_opens_nothing_alike(
    port: int, tenant: Tenant, redis_url: str
) -> None:
    strangers = [None, "fleet_" + "A" * 43, "x" * 250, tenant.gateway.id, *ended_tokens(redis_url)]
    answers = [await look(port, "/tunnel", token) for token in strangers]
    assert answers[0][0] == 401
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_health_is_the_same_for_everybody(port: int, tenant: Tenant, redis_url: str, path: str) -> None:
    callers = [tenant.token, Tenant(tenant.store).token, None, "x", *ended_tokens(redis_url)]
    answers = [await look(port, path, token) for token in callers]
    assert answers[0][0] == 200
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize("kind", ["name", "subscription", "webhook", "gateway"])
async def test_a_hello_with_what_is_foreign_is_answered_like_one_with_what_is_unknown(
    port: int, tenant: Tenant, kind: str
) -> None:
    other = Tenant(tenant.store)
    theirs = {
        "name": "theirs",
        "subscription": other.subscribe("theirs"),
        "webhook": other.webhook.id,
        "gateway": other.gateway.id,
    }[kind]
    frames: list[object] = []
    for name in (theirs, theirs[:-1] + ("0" if theirs[-1] != "0" else "1")):
        async with dialogue(port, tenant.token, Hello(TUNNEL, (name,), 1)) as talk:
            problem = await talk.hear()
            assert isinstance(problem, Problem)
            assert await talk.hung_up() == 1008
            frames.append(encode(problem).replace(name, "NAME"))
    assert frames[0] == frames[1]
    assert tenant.tunnels() == other.tunnels() == 0


@pytest.mark.parametrize("outcome", list(Outcome))
async def test_holding_and_results_of_foreign_deliveries_are_answered_like_unknown_ones(
    port: int, tenant: Tenant, outcome: Outcome
) -> None:
    other = Tenant(tenant.store)
    theirs = other.subscribe()
    other.post(theirs)
    tenant.subscribe()
    [foreign] = other.deliveries()
    event, subscription = foreign.split("_")[1:]
    unknown = f"dlv_{event[::-1]}_{subscription}"
    heard: list[object] = []
    for delivery in (foreign, unknown):
        async with dialogue(port, tenant.token, Hello(TUNNEL, ("ci",), 1, (Held(delivery, 1, 1),))) as talk:
            assert isinstance(await talk.hear(), Welcome)
            first = encode(await talk.hear())
            await talk.say(Results((Result(delivery, 1, outcome),)))
            second = encode(await talk.hear())
            heard.append([frame.replace(delivery, "DELIVERY") for frame in (first, second)])
    assert heard[0] == heard[1]
    assert other.deliveries() == {foreign: "queued"}
