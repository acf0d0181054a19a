"""Limits at the control API: the owner sees them beside the use, and is told when one is reached."""

import pytest

from store import limits
from store.connect import SyncStore
from tests.owner_door import Owner, new_gateway


@pytest.fixture
def owner(address: str, redis_url: str) -> Owner:
    owner = Owner(address, new_gateway(redis_url, "home")[1])
    store = SyncStore(redis_url)
    store.run(limits.change("home", {"webhooks": "1", "subscriptions": "1"}))
    store.close()
    return owner


def test_an_owner_sees_what_the_gateway_may_have_and_has(owner: Owner) -> None:
    owner.webhook()
    answer = owner.ask("GET", "/gateway").json
    assert answer["limits"] == {
        "webhooks": 1,
        "subscriptions": 1,
        "repos": 1000,
        "stored_events": 100_000,
        "stored_mib": 256,
        "deliveries": 200_000,
        "queue_share": 0.5,
    }
    assert answer["use"] == {**dict.fromkeys(answer["limits"], 0), "webhooks": 1}


def test_one_more_than_the_limit_is_a_conflict(owner: Owner) -> None:
    owner.webhook()
    refused = owner.ask("POST", "/webhooks", {"name": "another", "sender": "github"})
    assert (refused.status, refused.json["code"]) == (409, "limit_reached")
    assert "may have 1 webhooks" in refused.json["detail"]
    for name, status in (("one", 201), ("two", 409)):
        assert owner.ask("POST", "/subscriptions", {"name": name, "webhooks": ["github"]}).status == status
