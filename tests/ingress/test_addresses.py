"""Who gets where at the public door: an address is a webhook's token and nothing else, whoever asks."""

import pytest

from domain.gateway import Gateway
from store import gateways, tokens, webhooks
from tests.public_door import PublicDoor

ACCESS = tokens.access_token(bytes(32))


@pytest.fixture
def address(door: PublicDoor) -> str:
    door.store.run(gateways.create(Gateway("gw_1", "home", 1), tokens.hashed(ACCESS)))
    return door.webhook()


@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "HEAD"])
@pytest.mark.parametrize("authorization", [None, f"Bearer {ACCESS}"])
def test_what_is_no_address_is_answered_alike_whatever_it_names(
    door: PublicDoor, address: str, method: str, authorization: str | None
) -> None:
    gone = door.webhook("gone")
    door.store.run(webhooks.delete("gw_1", "whk_gone", 1))
    wrong = [
        "A" * 32,
        gone,
        address[:-1] + ("A" if address[-1] != "A" else "B"),
        "hook",
        "whk_hook",
        "gw_1",
        ACCESS,
        tokens.hashed(address),
        "x" * 5000,
    ]
    headers = {"Authorization": authorization} if authorization else {}
    answers = [door.request(method, f"/t/{token}", b"", headers) for token in wrong]
    assert {answer.status for answer in answers} == {404}
    assert len({answer.body for answer in answers}) == 1
    seen = [sorted(item for item in answer.headers.items() if item[0] != "date") for answer in answers]
    assert all(each == seen[0] for each in seen)


@pytest.mark.parametrize("authorization", [None, f"Bearer {ACCESS}", "Bearer fleet_wrong", "Basic x"])
def test_an_address_accepts_from_whoever_knows_it(
    door: PublicDoor, address: str, authorization: str | None
) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    assert door.post(address, headers=headers).status == 202


def test_a_webhook_of_a_revoked_gateway_still_accepts(door: PublicDoor, address: str) -> None:
    door.store.run(gateways.revoke("home"))
    assert door.post(address).status == 202


@pytest.mark.usefixtures("address")
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/api/v1/gateway", "/tunnel"])
def test_the_rest_of_the_door_is_the_same_for_everybody(door: PublicDoor, path: str) -> None:
    callers = [{}, {"Authorization": f"Bearer {ACCESS}"}, {"Authorization": "Bearer x"}]
    answers = [door.request("GET", path, headers=headers) for headers in callers]
    assert answers[0].status == (200 if path.endswith("z") else 404)
    assert len({(answer.status, answer.body) for answer in answers}) == 1
