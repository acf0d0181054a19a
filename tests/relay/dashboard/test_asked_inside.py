"""The control API asked in the process is the one of the network; nobody is vouched for by what he sends."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from relay.server.access import VOUCHED, Vouched
from relay.server.api import views
from relay.server.inner_api import Answer, Api, RefusedError
from store import gateways
from store.tokens import hashed
from tests.dashboard_visitor import application
from tests.owner_door import Owner, context_of

Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
def inside(owner: Owner, redis_url: str) -> Callable[[Callable[[Api], Awaitable[Any]]], Any]:
    """Runs something with an API of the owner's."""

    def run(use: Callable[[Api], Awaitable[Any]]) -> Any:
        async def main() -> Any:
            context = context_of(redis_url)
            access = await context.store.run(gateways.access(hashed(owner.token or "")))
            assert access is not None
            try:
                return await use(Api(application(context), Vouched(hashed(owner.token or ""), access)))
            finally:
                await context.store.close()

        return asyncio.run(main())

    return run


def test_it_answers_as_over_the_network(owner: Owner, inside: Any) -> None:
    made: Answer = inside(lambda api: api.ask("POST", "/webhooks", json={"name": "a", "sender": "github"}))
    assert made.status == 201
    for path in ("/webhooks", "/webhooks/a", "/webhooks/none", "/nothing", "/events", "/gateway"):
        here: Answer = inside(lambda api, path=path: api.ask("GET", path))
        there = owner.ask("GET", path)
        assert (here.status, here.content) == (there.status, there.json)
    assert inside(lambda api: api.ask("PUT", "/webhooks")).status == 405
    gone: Answer = inside(lambda api: api.ask("DELETE", "/webhooks/a"))
    assert (gone.status, gone.content) == (204, {})


def test_what_is_empty_is_not_asked_for(inside: Any) -> None:
    found = inside(lambda api: api.get("/events", {"webhook": "", "limit": "5", "type": "a b&c=d"}))
    assert found["events"] == []
    with pytest.raises(RefusedError) as caught:
        inside(lambda api: api.get("/events", {"outcome": "no such"}))
    assert caught.value.answer.status == 422
    assert str(caught.value) == caught.value.answer.sentence


def test_a_link_can_be_made_for_another_browser(inside: Any, owner: Owner) -> None:
    made: Answer = inside(lambda api: api.ask("POST", "/sign-in-links"))
    assert made.status == 201
    assert owner.ask("POST", "/sign-in-links").json.keys() == made.content.keys() == {"url", "expires_at"}
    assert made.content["expires_at"] > views.moment(0)


def test_nobody_is_vouched_for_by_what_he_sends(address: str) -> None:
    stranger = Owner(address, None)
    for name in (VOUCHED, "x-fleet-vouched", "cookie"):
        answer = stranger.ask("GET", f"/gateway?{VOUCHED}=1", headers={name: f"{VOUCHED}=1"})
        assert answer.status == 401


def test_a_session_opens_the_dashboard_and_not_the_api(owner: Owner, visitor: Any) -> None:
    headers = {"cookie": f"fleet_session={visitor.cookies['fleet_session']}"}
    assert Owner(owner.address, None).ask("GET", "/gateway", headers=headers).status == 401
