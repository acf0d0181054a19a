"""Codes that open the dashboard: once, for one browser, for five minutes."""

from collections.abc import Iterator

import pytest

from store import sign_in
from store.connect import SyncStore


@pytest.fixture
def store(redis_url: str) -> Iterator[SyncStore]:
    store = SyncStore(redis_url)
    store.run(sign_in.offer("code", "token"))
    yield store
    store.close()


def test_a_code_is_for_one_browser(store: SyncStore) -> None:
    assert store.run(sign_in.use("code", "a")) == "token"
    assert store.run(sign_in.use("code", "b")) is None
    # Its answer may have been lost: then it is asked again.
    assert store.run(sign_in.use("code", "a")) == "token"


def test_an_unknown_code_opens_nothing_and_leaves_nothing(store: SyncStore) -> None:
    assert store.run(sign_in.use("other", "a")) is None
    assert store.client.execute_command("KEYS", "*") == [b"fleet:sign_in:code"]


def test_nothing_prolongs_the_life_of_a_code(store: SyncStore) -> None:
    store.client.execute_command("PEXPIRE", "fleet:sign_in:code", 1000)
    store.run(sign_in.offer("code", "another token"))
    store.run(sign_in.use("code", "a"))
    assert 0 < store.client.execute_command("PTTL", "fleet:sign_in:code") <= 1000
    assert store.run(sign_in.use("code", "a")) == "token"
