"""Webhooks in a real Redis: made once, found by name, id and token, changed by their owner only."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.errors import NameTakenError, SealBrokenError
from domain.webhook import Webhook
from store import due, keys, owned, tokens, webhooks
from store.connect import SyncStore
from store.sealing import KeyRing, Sealer
from store.webhooks import StoredWebhook, WebhookStatistics
from tests.redis_contents import contents

NOW = 1_700_000_000_000
TOKEN = tokens.url_token(bytes(range(24)))
HASH = tokens.hashed(TOKEN)
SECRET = b"a signing secret"


@pytest.fixture
def store(redis_url: str) -> Iterator[SyncStore]:
    store = SyncStore(redis_url)
    yield store
    store.close()


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(KeyRing({b"0001": bytes(32)}, b"0001"), bytes)


def snapshot(store: SyncStore) -> dict[bytes, bytes]:
    return contents(store.client.execute_command)


def stored(number: int = 1, gateway: str = "gw_1", name: str = "github") -> StoredWebhook:
    webhook = Webhook(
        id=f"whk_{number}",
        gateway=gateway,
        name=name,
        description="Pull requests, größer als je",
        sender="github",
        require_signature=True,
        hourly_limit=1000,
        created_at=NOW + number,
        version=1,
    )
    return StoredWebhook(webhook, b"sealed token", b"")


def test_a_webhook_is_found_by_name_id_and_token(store: SyncStore) -> None:
    store.run(webhooks.create(stored(), HASH))
    assert store.run(webhooks.find("gw_1", "github")) == stored()
    assert store.run(webhooks.find("gw_1", "whk_1")) == stored()
    assert store.run(webhooks.by_token(HASH)) == stored()
    assert store.run(webhooks.of_gateway("gw_1")) == [stored()]


def test_creating_twice_is_creating_once(store: SyncStore) -> None:
    store.run(webhooks.create(stored(), HASH))
    before = snapshot(store)
    store.run(webhooks.create(stored(), HASH))
    assert snapshot(store) == before


def test_a_name_is_taken_within_its_gateway_only(store: SyncStore) -> None:
    store.run(webhooks.create(stored(1), "1"))
    before = snapshot(store)
    with pytest.raises(NameTakenError, match="github"):
        store.run(webhooks.create(stored(2), "2"))
    assert snapshot(store) == before
    store.run(webhooks.create(stored(3, "gw_2"), "3"))
    assert store.run(webhooks.find("gw_2", "github")) == stored(3, "gw_2")


def test_a_gateway_has_a_limited_number_of_webhooks(store: SyncStore) -> None:
    for number in (1, 2):
        store.run(webhooks.create(stored(number, name=f"n{number}"), str(number), 2))
    with pytest.raises(owned.LimitReachedError, match="may have 2 webhooks"):
        store.run(webhooks.create(stored(3, name="n3"), "3", 2))
    store.run(webhooks.delete("gw_1", "whk_1", NOW))
    store.run(webhooks.create(stored(3, name="n3"), "3", 2))
    assert [each.webhook.name for each in store.run(webhooks.of_gateway("gw_1"))] == ["n2", "n3"]


@pytest.mark.parametrize("wanted", ["github", "whk_1", "no-such", "", "whk_1\n"])
def test_what_is_foreign_is_unknown(store: SyncStore, wanted: str) -> None:
    store.run(webhooks.create(stored(), HASH))
    assert store.run(webhooks.find("gw_2", wanted)) is None
    assert store.run(webhooks.of_gateway("gw_2")) == []


def test_fetching_keeps_the_order_and_marks_what_is_gone(store: SyncStore) -> None:
    for number in (1, 2):
        store.run(webhooks.create(stored(number, name=f"n{number}"), str(number)))
    found = store.run(webhooks.fetch(["whk_2", "gone", "whk_1"]))
    assert found == [stored(2, name="n2"), None, stored(1, name="n1")]
    assert store.run(webhooks.fetch([])) == []


def test_statistics_are_what_accepting_has_counted(store: SyncStore) -> None:
    store.run(webhooks.create(stored(), HASH))
    store.client.execute_command("HSET", keys.webhook("whk_1"), "events", 3, "last_at", NOW)
    assert store.run(webhooks.find("gw_1", "github")) == replace(
        stored(), statistics=WebhookStatistics(3, NOW)
    )


def test_setting_secrets_is_one_change_of_version_however_often_it_is_sent(
    store: SyncStore, sealer: Sealer
) -> None:
    store.run(webhooks.create(stored(), HASH))
    sealed = webhooks.seal_secrets(sealer, "gw_1", "whk_1", [SECRET, b"\xff"], NOW)
    assert store.run(webhooks.set_secrets("gw_1", "whk_1", sealed))
    before = snapshot(store)
    assert store.run(webhooks.set_secrets("gw_1", "whk_1", sealed))
    assert snapshot(store) == before
    found = store.run(webhooks.by_token(HASH))
    assert found is not None
    assert found.webhook.version == 2
    assert webhooks.open_secrets(sealer, found) == (SECRET, b"\xff")


def test_secrets_of_a_foreign_webhook_cannot_be_set(store: SyncStore) -> None:
    store.run(webhooks.create(stored(), HASH))
    before = snapshot(store)
    assert not store.run(webhooks.set_secrets("gw_2", "whk_1", b"sealed"))
    assert not store.run(webhooks.set_secrets("gw_1", "whk_2", b"sealed"))
    assert snapshot(store) == before


def test_secrets_do_not_open_at_another_webhook(sealer: Sealer) -> None:
    sealed = webhooks.seal_secrets(sealer, "gw_1", "whk_1", [SECRET], NOW)
    assert SECRET not in sealed
    with pytest.raises(SealBrokenError):
        webhooks.open_secrets(sealer, replace(stored(2), sealed_secrets=sealed))


def test_no_secrets_are_no_bytes(sealer: Sealer) -> None:
    assert webhooks.seal_secrets(sealer, "gw_1", "whk_1", [], NOW) == b""
    assert webhooks.open_secrets(sealer, stored()) == ()


def test_the_url_token_can_be_shown_again_but_redis_cannot_read_it(store: SyncStore, sealer: Sealer) -> None:
    sealed = webhooks.seal_token(sealer, "gw_1", "whk_1", TOKEN, NOW)
    store.run(webhooks.create(replace(stored(), sealed_token=sealed), HASH))
    found = store.run(webhooks.find("gw_1", "github"))
    assert found is not None
    assert webhooks.open_token(sealer, found) == TOKEN
    assert TOKEN.encode() not in b"".join(key + value for key, value in snapshot(store).items())


def test_a_deleted_webhook_leaves_its_routes_and_work_for_the_sweeper(store: SyncStore) -> None:
    store.run(webhooks.create(stored(), HASH))
    store.client.execute_command("SADD", keys.routes("whk_1"), "sub_1")
    store.client.execute_command("SET", keys.rate("whk_1"), 5)
    assert store.run(webhooks.delete("gw_1", "whk_1", NOW))
    assert store.run(webhooks.by_token(HASH)) is None
    assert store.run(webhooks.find("gw_1", "github")) is None
    left = {keys.routes("whk_1").encode(), keys.DUE.encode()}
    assert set(snapshot(store)) == left
    member = due.deleted_webhook("gw_1", "whk_1")
    assert float(store.client.execute_command("ZSCORE", keys.DUE, member)) == NOW


def test_deleting_twice_changes_nothing_and_says_so(store: SyncStore) -> None:
    store.run(webhooks.create(stored(), HASH))
    store.run(webhooks.delete("gw_1", "whk_1", NOW))
    before = snapshot(store)
    assert not store.run(webhooks.delete("gw_1", "whk_1", NOW + 1))
    assert snapshot(store) == before


def test_a_foreign_webhook_cannot_be_deleted(store: SyncStore) -> None:
    store.run(webhooks.create(stored(), HASH))
    before = snapshot(store)
    assert not store.run(webhooks.delete("gw_2", "whk_1", NOW))
    assert snapshot(store) == before


def test_a_freed_name_can_be_used_again(store: SyncStore) -> None:
    store.run(webhooks.create(stored(1), "1"))
    store.run(webhooks.delete("gw_1", "whk_1", NOW))
    store.run(webhooks.create(stored(2), "2"))
    assert store.run(webhooks.find("gw_1", "github")) == stored(2)


def test_who_may_send_is_kept_and_changed_with_the_version(store: SyncStore) -> None:
    made = stored()
    made = replace(made, webhook=replace(made.webhook, https_only=True, allow_ips=("@github", "192.0.2.7")))
    store.run(webhooks.create(made, HASH))
    assert store.run(webhooks.by_token(HASH)) == made
    for changes, https_only, allow_ips, version in (
        ({"https_only": True}, True, ("@github", "192.0.2.7"), 1),
        ({"https_only": False}, False, ("@github", "192.0.2.7"), 2),
        ({"allow_ips": ["::1"]}, False, ("::1",), 3),
        ({"https_only": True, "allow_ips": []}, True, (), 4),
        ({}, True, (), 4),
    ):
        for _ in range(2):
            assert store.run(webhooks.change("gw_1", "whk_1", **changes))
            found = store.run(webhooks.find("gw_1", "github"))
            assert found is not None
            webhook = found.webhook
            assert (webhook.https_only, webhook.allow_ips, webhook.version) == (
                https_only,
                allow_ips,
                version,
            )


def test_a_foreign_webhook_cannot_be_changed(store: SyncStore) -> None:
    store.run(webhooks.create(stored(), HASH))
    before = snapshot(store)
    assert not store.run(webhooks.change("gw_2", "whk_1", https_only=True))
    assert not store.run(webhooks.change("gw_1", "whk_2", https_only=True))
    assert snapshot(store) == before
