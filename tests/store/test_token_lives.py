"""Tokens that end by themselves: two open at most; a time of grace never prolongs the life of the older."""

import time
from collections.abc import Iterator

import pytest

from domain.gateway import Gateway
from store import gateways
from store.connect import SyncStore

HOUR_MS = 3_600_000


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def store(redis_url: str) -> Iterator[SyncStore]:
    store = SyncStore(redis_url)
    yield store
    store.close()


def opens(store: SyncStore, *hashes: str) -> list[bool]:
    return [store.run(gateways.by_token(each)) is not None for each in hashes]


def left_s(store: SyncStore, token_hash: str) -> float | None:
    found = store.run(gateways.access(token_hash))
    assert found is not None
    return found.ends_in_s


def test_a_token_without_an_end_has_none(store: SyncStore) -> None:
    store.run(gateways.create(Gateway("gw_1", "home", 1), "a"))
    assert left_s(store, "a") is None


def test_a_token_opens_until_its_end(store: SyncStore) -> None:
    ends = now_ms() + HOUR_MS
    store.run(gateways.create(Gateway("gw_1", "home", 1, expires_at=ends), "a"))
    left = left_s(store, "a")
    assert left is not None
    assert 3590 < left <= 3600
    assert store.run(gateways.listing())[0].expires_at == ends
    store.client.execute_command("PEXPIRE", "fleet:access:a", 0)
    assert opens(store, "a") == [False]


def test_a_renewal_with_grace_leaves_two_and_a_further_one_two_again(store: SyncStore) -> None:
    store.run(gateways.create(Gateway("gw_1", "home", 1), "a"))
    until = now_ms() + HOUR_MS
    renewed = store.run(gateways.renew("home", "b", None, until))
    assert renewed is not None
    assert renewed.old_until == until
    assert opens(store, "a", "b") == [True, True]
    store.run(gateways.renew("home", "c", None, until))
    assert opens(store, "a", "b", "c") == [False, True, True]
    store.run(gateways.renew("home", "d"))
    assert opens(store, "a", "b", "c", "d") == [False, False, False, True]
    assert store.run(gateways.listing())[0].old_until is None


def test_grace_never_prolongs_a_token(store: SyncStore) -> None:
    ends = now_ms() + HOUR_MS
    store.run(gateways.create(Gateway("gw_1", "home", 1, expires_at=ends), "a"))
    renewed = store.run(gateways.renew("home", "b", None, ends + HOUR_MS))
    assert renewed is not None
    assert renewed.old_until == ends


def test_grace_brings_no_revoked_or_expired_token_back(store: SyncStore) -> None:
    store.run(gateways.create(Gateway("gw_1", "home", 1), "a"))
    store.run(gateways.revoke("home"))
    renewed = store.run(gateways.renew("home", "b", None, now_ms() + HOUR_MS))
    assert renewed is not None
    assert renewed.old_until is None
    assert opens(store, "a", "b") == [False, True]


def test_a_revocation_ends_both(store: SyncStore) -> None:
    store.run(gateways.create(Gateway("gw_1", "home", 1), "a"))
    store.run(gateways.renew("home", "b", None, now_ms() + HOUR_MS))
    store.run(gateways.revoke("home"))
    assert opens(store, "a", "b") == [False, False]
    assert store.client.execute_command("KEYS", "fleet:access:*") == []
