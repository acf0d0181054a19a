"""Accounts in a real Redis: made once, opened by their token, revoked for good."""

from collections.abc import Iterator

import pytest

from domain.errors import NameTakenError
from domain.gateway import Gateway
from store import gateways, keys, tokens
from store.connect import SyncStore
from tests.redis_contents import contents

HOME = Gateway("gw_1", "home", 1_700_000_000_000)
WORK = Gateway("gw_2", "work", 1_700_000_000_001)
TOKEN = tokens.access_token(bytes(32))
HASH = tokens.hashed(TOKEN)


@pytest.fixture
def store(redis_url: str) -> Iterator[SyncStore]:
    store = SyncStore(redis_url)
    yield store
    store.close()


def snapshot(store: SyncStore) -> dict[bytes, bytes]:
    return contents(store.client.execute_command)


def test_its_token_opens_a_gateway(store: SyncStore) -> None:
    store.run(gateways.create(HOME, HASH))
    assert store.run(gateways.by_token(HASH)) == HOME
    assert store.run(gateways.by_token(tokens.hashed("another"))) is None


def test_creating_twice_is_creating_once(store: SyncStore) -> None:
    store.run(gateways.create(HOME, HASH))
    before = snapshot(store)
    store.run(gateways.create(HOME, HASH))
    assert snapshot(store) == before


def test_a_name_belongs_to_one_gateway(store: SyncStore) -> None:
    store.run(gateways.create(HOME, HASH))
    before = snapshot(store)
    with pytest.raises(NameTakenError, match="home"):
        store.run(gateways.create(Gateway("gw_2", "home", 1), "another hash"))
    assert snapshot(store) == before


def test_the_listing_is_in_the_order_of_creation(store: SyncStore) -> None:
    assert store.run(gateways.listing()) == []
    store.run(gateways.create(WORK, "2"))
    store.run(gateways.create(HOME, "1"))
    assert store.run(gateways.listing()) == [HOME, WORK]


@pytest.mark.parametrize("name_or_id", ["home", "gw_1"])
def test_a_revoked_token_opens_nothing(store: SyncStore, name_or_id: str) -> None:
    store.run(gateways.create(HOME, HASH))
    store.run(gateways.create(WORK, "2"))
    revoked = Gateway(HOME.id, HOME.name, HOME.created_at, revoked=True)
    assert store.run(gateways.revoke(name_or_id)) == revoked
    assert store.run(gateways.by_token(HASH)) is None
    assert store.run(gateways.listing()) == [revoked, WORK]


def test_revoking_rings_the_bell_once_and_changes_nothing_the_second_time(store: SyncStore) -> None:
    store.run(gateways.create(HOME, HASH))
    bell = store.client.pubsub(ignore_subscribe_messages=True)
    bell.subscribe(keys.BELL)
    first = store.run(gateways.revoke("home"))
    before = snapshot(store)
    assert store.run(gateways.revoke("home")) == first
    assert snapshot(store) == before
    store.client.execute_command("PUBLISH", keys.BELL, "end")
    heard = [message["data"] for message in _messages_until_end(bell)]
    bell.close()
    assert heard == [b"revoked gw_1"]


def _messages_until_end(bell) -> Iterator[dict[str, bytes]]:
    while True:
        message = bell.get_message(timeout=5)
        if message is not None:
            if message["data"] == b"end":
                return
            yield message


def test_a_renewed_token_opens_what_a_revoked_one_did(store: SyncStore) -> None:
    store.run(gateways.create(HOME, "first hash"))
    store.run(gateways.revoke("home"))
    renewed = store.run(gateways.renew("home", "second hash"))
    assert renewed == HOME
    assert store.run(gateways.by_token("second hash")) == HOME
    assert store.run(gateways.by_token("first hash")) is None
    assert store.run(gateways.renew("nobody", "third hash")) is None


def test_a_gateway_recreated_by_a_late_retry_stays_revoked(store: SyncStore) -> None:
    store.run(gateways.create(HOME, HASH))
    store.run(gateways.revoke("home"))
    store.run(gateways.create(HOME, HASH))
    assert store.run(gateways.by_token(HASH)) is None


def test_revoking_what_is_unknown_changes_nothing(store: SyncStore) -> None:
    assert store.run(gateways.revoke("home")) is None
    assert snapshot(store) == {}


def test_redis_never_sees_the_token(store: SyncStore) -> None:
    store.run(gateways.create(HOME, HASH))
    seen = b"".join(key + value for key, value in snapshot(store).items())
    assert TOKEN.encode() not in seen
    assert HASH.encode() in seen
