"""Subscriptions in a real Redis: routes from webhooks of the same gateway, a stream with its group."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.errors import NameTakenError, UnknownThingError
from domain.subscription import Subscription
from domain.webhook import Webhook
from store import due, keys, owned, subscriptions, webhooks
from store.connect import SyncStore
from store.owned import Look
from store.webhooks import StoredWebhook
from tests.redis_contents import contents

NOW = 1_700_000_000_000
SUB = Subscription("sub_1", "gw_1", "ci", ("whk_1", "whk_2"), ("push", "pull_request.*"), 30, NOW)


@pytest.fixture
def store(redis_url: str) -> Iterator[SyncStore]:
    store = SyncStore(redis_url)
    for webhook, gateway in (("whk_1", "gw_1"), ("whk_2", "gw_1"), ("whk_9", "gw_2")):
        made = Webhook(webhook, gateway, webhook.replace("_", "-"), "", "github", False, 1000, NOW, 1)  # noqa: FBT003 - a row
        store.run(webhooks.create(StoredWebhook(made, b"", b""), webhook))
    yield store
    store.close()


def snapshot(store: SyncStore) -> dict[bytes, bytes]:
    return contents(store.client.execute_command)


def test_a_subscription_is_found_by_name_and_id(store: SyncStore) -> None:
    store.run(subscriptions.create(SUB))
    assert store.run(subscriptions.find("gw_1", "ci")) == SUB
    assert store.run(subscriptions.find("gw_1", "sub_1")) == SUB
    assert store.run(subscriptions.part_of("gw_1", Look(200))).things == [SUB]


def test_routes_lead_from_each_webhook_to_its_listeners(store: SyncStore) -> None:
    later = replace(SUB, id="sub_2", name="agent", webhooks=("whk_1",), event_types=())
    store.run(subscriptions.create(later))
    store.run(subscriptions.create(SUB))
    found = store.run(subscriptions.routes(["whk_2", "whk_1", "whk_9", "gone"]))
    assert found == [(SUB,), (SUB, later), (), ()]
    assert store.run(subscriptions.routes([])) == []


def test_its_stream_has_a_group_that_starts_at_the_beginning(store: SyncStore) -> None:
    store.run(subscriptions.create(SUB))
    (group,) = store.client.execute_command("XINFO", "GROUPS", keys.stream("sub_1"))
    facts = dict(zip(group[::2], group[1::2], strict=True))
    assert (facts[b"name"], facts[b"last-delivered-id"]) == (keys.GROUP.encode(), b"0-0")


def test_creating_twice_is_creating_once(store: SyncStore) -> None:
    store.run(subscriptions.create(SUB))
    before = snapshot(store)
    store.run(subscriptions.create(SUB))
    assert snapshot(store) == before


def test_a_name_is_taken_within_its_gateway_only(store: SyncStore) -> None:
    store.run(subscriptions.create(SUB))
    before = snapshot(store)
    with pytest.raises(NameTakenError, match="ci"):
        store.run(subscriptions.create(replace(SUB, id="sub_2")))
    assert snapshot(store) == before
    foreign = replace(SUB, id="sub_9", gateway="gw_2", webhooks=("whk_9",))
    store.run(subscriptions.create(foreign))
    assert store.run(subscriptions.part_of("gw_2", Look(200))).things == [foreign]


@pytest.mark.parametrize("webhook", ["whk_9", "gone"])
def test_a_foreign_webhook_is_as_unknown_as_one_that_is_not_there(store: SyncStore, webhook: str) -> None:
    before = snapshot(store)
    with pytest.raises(UnknownThingError, match=webhook):
        store.run(subscriptions.create(replace(SUB, webhooks=("whk_1", webhook))))
    assert snapshot(store) == before


def test_a_gateway_has_a_limited_number_of_subscriptions(store: SyncStore) -> None:
    store.run(subscriptions.create(SUB))
    with pytest.raises(owned.LimitReachedError, match="may have 1 subscriptions"):
        store.run(subscriptions.create(replace(SUB, id="sub_2", name="other"), 1))


def test_a_removed_subscription_leaves_its_stream_for_the_sweeper(store: SyncStore) -> None:
    before = set(snapshot(store))
    store.run(subscriptions.create(SUB))
    assert store.run(subscriptions.remove("gw_1", "sub_1", NOW))
    assert store.run(subscriptions.routes(["whk_1", "whk_2"])) == [(), ()]
    assert set(snapshot(store)) - before == {keys.stream("sub_1").encode(), keys.DUE.encode()}
    member = due.removed_subscription("gw_1", "sub_1")
    assert float(store.client.execute_command("ZSCORE", keys.DUE, member)) == NOW


def test_removing_twice_changes_nothing_and_says_so(store: SyncStore) -> None:
    store.run(subscriptions.create(SUB))
    store.run(subscriptions.remove("gw_1", "sub_1", NOW))
    before = snapshot(store)
    assert not store.run(subscriptions.remove("gw_1", "sub_1", NOW + 1))
    assert snapshot(store) == before


def test_a_foreign_subscription_is_out_of_reach(store: SyncStore) -> None:
    store.run(subscriptions.create(SUB))
    before = snapshot(store)
    assert store.run(subscriptions.find("gw_2", "sub_1")) is None
    assert store.run(subscriptions.find("gw_2", "ci")) is None
    assert not store.run(subscriptions.remove("gw_2", "sub_1", NOW))
    assert snapshot(store) == before
