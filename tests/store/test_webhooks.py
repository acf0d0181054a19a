"""Webhooks in a real Redis: made once, found by name, id and token, changed by their owner only."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.errors import NameTakenError, SealBrokenError
from domain.secret import SigningSecret
from domain.vault import Vault
from domain.webhook import Webhook
from store import due, keys, owned, tokens, webhooks
from store.connect import SyncStore
from store.owned import Look
from store.sealing import KeyRing, Sealer
from store.webhook_change import Change, WebhookChangedError
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
    assert store.run(webhooks.part_of("gw_1", Look(200))).things == [stored()]


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
    assert [each.webhook.name for each in store.run(webhooks.part_of("gw_1", Look(200))).things] == [
        "n2",
        "n3",
    ]


@pytest.mark.parametrize("wanted", ["github", "whk_1", "no-such", "", "whk_1\n"])
def test_what_is_foreign_is_unknown(store: SyncStore, wanted: str) -> None:
    store.run(webhooks.create(stored(), HASH))
    assert store.run(webhooks.find("gw_2", wanted)) is None
    assert store.run(webhooks.part_of("gw_2", Look(200))).things == []


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


def test_a_vault_is_kept_whole_and_nothing_of_it_can_be_read_in_redis(
    store: SyncStore, sealer: Sealer
) -> None:
    store.run(webhooks.create(stored(), HASH))
    vault = Vault(
        (SigningSecret("sec_2", SECRET, NOW), SigningSecret("sec_1", b"\xff\x00", NOW - 1, NOW + 1)),
        {"header": "X-Größe", "verify_token": "a canary"},
        "sec_2",
    )
    sealed = webhooks.seal_vault(sealer, "gw_1", "whk_1", vault, NOW)
    assert store.run(webhooks.change(stored().webhook, Change(sealed_secrets=sealed)))
    found = store.run(webhooks.by_token(HASH))
    assert found is not None
    assert webhooks.open_vault(sealer, found) == vault
    everything = b"".join(key + value for key, value in snapshot(store).items())
    for canary in (SECRET, b64encode(SECRET), b"canary", b"sec_2"):
        assert canary not in everything
    assert not any(text in repr(vault) for text in ("a signing secret", "canary"))


def test_an_empty_vault_is_no_bytes(sealer: Sealer) -> None:
    assert webhooks.seal_vault(sealer, "gw_1", "whk_1", Vault(), NOW) == b""
    assert webhooks.open_vault(sealer, stored()) == Vault()


def test_a_vault_does_not_open_at_another_webhook(sealer: Sealer) -> None:
    sealed = webhooks.seal_vault(sealer, "gw_1", "whk_1", Vault(parameters={"a": "b"}), NOW)
    with pytest.raises(SealBrokenError):
        webhooks.open_vault(sealer, replace(stored(2), sealed_secrets=sealed))


def test_a_change_is_not_made_on_top_of_another_one_that_was_not_seen(store: SyncStore) -> None:
    store.run(webhooks.create(stored(), HASH))
    seen = stored().webhook
    first = webhooks.change(seen, Change(sealed_secrets=b"first"))
    assert store.run(first)
    before = snapshot(store)
    for change in (Change(sealed_secrets=b"second"), Change(https_only=True), Change(sender="slack")):
        with pytest.raises(WebhookChangedError):
            store.run(webhooks.change(seen, change))
    # What is as it is wanted needs no change: the same call sent again, or another one with the same wish.
    assert store.run(first)
    assert store.run(webhooks.change(seen, Change(https_only=False)))
    assert snapshot(store) == before
    assert store.run(webhooks.change(replace(seen, version=2), Change(sealed_secrets=b"second")))


def test_what_is_not_in_the_vault_any_more_is_forgotten_with_the_change_and_not_without(
    store: SyncStore,
) -> None:
    store.run(webhooks.create(stored(), HASH))
    store.client.execute_command("ZADD", keys.matched("whk_1"), NOW, "sec_1", NOW + 1, "sec_2")
    late = webhooks.change(
        replace(stored().webhook, version=9), Change(sealed_secrets=b"x", forgotten=("sec_1",))
    )
    with pytest.raises(WebhookChangedError):
        store.run(late)
    assert store.run(webhooks.matched(["whk_1", "whk_2"])) == [{"sec_1": NOW, "sec_2": NOW + 1}, {}]
    assert store.run(webhooks.change(stored().webhook, Change(sealed_secrets=b"x", forgotten=("sec_1",))))
    assert store.run(webhooks.matched(["whk_1"])) == [{"sec_2": NOW + 1}]
    store.run(webhooks.delete("gw_1", "whk_1", NOW))
    assert store.run(webhooks.matched(["whk_1"])) == [{}]


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


def test_every_rule_is_kept_and_changed_with_the_version(store: SyncStore) -> None:
    made = stored()
    rules = {"https_only": True, "allow_ips": ("@github", "192.0.2.7"), "verify_at": "ingress"}
    made = replace(made, webhook=replace(made.webhook, **rules))
    store.run(webhooks.create(made, HASH))
    assert store.run(webhooks.by_token(HASH)) == made
    wanted, version = made.webhook, 1
    for changes in (
        {"https_only": True},
        {"https_only": False},
        {"allow_ips": ("::1",)},
        {"https_only": True, "allow_ips": ()},
        {"verify_at": "workers"},
        {"sender": "stripe", "require_signature": False},
        {},
    ):
        seen, after = wanted, replace(wanted, **changes)
        version += after != wanted
        wanted = replace(after, version=version)
        for _ in range(2):
            assert store.run(webhooks.change(seen, Change(**changes)))
            found = store.run(webhooks.find("gw_1", "github"))
            assert found is not None
            assert found.webhook == wanted


def test_a_foreign_webhook_cannot_be_changed(store: SyncStore) -> None:
    store.run(webhooks.create(stored(), HASH))
    before = snapshot(store)
    change = Change(https_only=True, sealed_secrets=b"sealed")
    assert not store.run(webhooks.change(stored(1, "gw_2").webhook, change))
    assert not store.run(webhooks.change(stored(2).webhook, change))
    assert snapshot(store) == before
