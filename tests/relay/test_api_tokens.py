"""How a token opens the control API: in which form, for how long, as whom."""

import pytest

from store import gateways
from store.connect import SyncStore
from tests.owner_door import Owner, new_gateway


@pytest.fixture
def owner(address: str, redis_url: str) -> Owner:
    return Owner(address, new_gateway(redis_url, "home")[1])


def test_a_token_says_who_it_is(address: str, redis_url: str) -> None:
    gateway, token = new_gateway(redis_url, "home")
    answer = Owner(address, token).ask("GET", "/gateway")
    assert answer.json["id"] == gateway.id
    assert answer.json["name"] == "home"
    assert answer.headers["cache-control"] == "no-store"


def test_a_revoked_token_answers_like_none(owner: Owner, redis_url: str) -> None:
    stranger = Owner(owner.address, None).ask("GET", "/webhooks").identity
    assert owner.ask("GET", "/webhooks").status == 200
    store = SyncStore(redis_url)
    store.run(gateways.revoke("home"))
    store.close()
    assert owner.ask("GET", "/webhooks").identity == stranger


@pytest.mark.parametrize("form", ["bearer {}", "BEARER   {}", "Bearer {} "])
def test_the_scheme_is_written_in_any_case(owner: Owner, form: str) -> None:
    headers = {"Authorization": form.format(owner.token)}
    assert Owner(owner.address, None).ask("GET", "/gateway", headers=headers).status == 200


@pytest.mark.parametrize("form", ["{}", "Basic {}", "Bearer{}", "Bearer"])
def test_a_token_in_another_form_opens_nothing(owner: Owner, form: str) -> None:
    headers = {"Authorization": form.format(owner.token)}
    assert Owner(owner.address, None).ask("GET", "/gateway", headers=headers).status == 401


def test_a_token_in_the_url_opens_nothing(owner: Owner) -> None:
    answer = Owner(owner.address, None).ask("GET", f"/gateway?access_token={owner.token}&token={owner.token}")
    assert answer.status == 401
