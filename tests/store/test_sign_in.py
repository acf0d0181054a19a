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
    assert store.client.execute_command("EXISTS", "fleet:sign_in:other") == 0


def test_codes_are_bounded_by_token_and_the_bound_passes(store: SyncStore) -> None:
    for number in range(1, sign_in.MOST):
        store.run(sign_in.offer(f"code-{number}", "token"))
    with pytest.raises(sign_in.TooManyLinksError):
        store.run(sign_in.offer("one more", "token"))
    store.run(sign_in.offer("code", "token"))  # the same again is no further one
    store.run(sign_in.offer("of another", "another token"))
    assert 0 < store.client.execute_command("PTTL", "fleet:sign_in:by:token") <= sign_in.LIFE_MS


def test_nothing_prolongs_the_life_of_a_code(store: SyncStore) -> None:
    store.client.execute_command("PEXPIRE", "fleet:sign_in:code", 1000)
    store.run(sign_in.offer("code", "another token"))
    store.run(sign_in.use("code", "a"))
    assert 0 < store.client.execute_command("PTTL", "fleet:sign_in:code") <= 1000
    assert store.run(sign_in.use("code", "a")) == "token"
