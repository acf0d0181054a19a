"""Idempotency keys over the control API: what is asked for twice is done once, and answered the same."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from store import answers
from store.answers import Run
from store.connect import SyncStore
from tests.owner_door import Answer, Owner, clock_ms, new_gateway
from tests.redis_contents import contents

WISH = {"name": "github", "sender": "github", "require_signature": True}


@pytest.fixture
def owner(address: str, redis_url: str) -> Owner:
    return Owner(address, new_gateway(redis_url, "home")[1])


def post(owner: Owner, path: str, body: object, key: str = "k1") -> Answer:
    return owner.ask("POST", path, body, headers={"Idempotency-Key": key})


def test_the_same_request_with_the_same_key_is_answered_the_same(owner: Owner) -> None:
    first, second = post(owner, "/webhooks", WISH), post(owner, "/webhooks", WISH)
    assert (first.status, second.status) == (201, 201)
    assert first.json["secret"]
    assert second.raw == first.raw
    assert second.headers["location"] == first.headers["location"]
    assert second.headers["cache-control"] == "no-store"
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert len(owner.ask("GET", "/webhooks").json["webhooks"]) == 1


def test_subscriptions_and_rotations_take_keys_too(owner: Owner) -> None:
    post(owner, "/webhooks", WISH)
    wish = {"name": "app", "webhooks": ["github"]}
    assert post(owner, "/subscriptions", wish, "k2").raw == post(owner, "/subscriptions", wish, "k2").raw
    first = post(owner, "/webhooks/github/secrets", {}, "k3")
    assert first.status == 201
    assert post(owner, "/webhooks/github/secrets", {}, "k3").json["secret"] == first.json["secret"]
    assert len(owner.ask("GET", "/webhooks/github").json["secrets"]) == 2


def test_a_key_is_for_one_request(owner: Owner) -> None:
    post(owner, "/webhooks", WISH)
    for path, body in (("/webhooks", {**WISH, "name": "other"}), ("/subscriptions", WISH)):
        refused = post(owner, path, body)
        assert (refused.status, refused.json["code"]) == (422, "idempotency_key_reused")
    assert post(owner, "/webhooks", {**WISH, "name": "other"}, "k2").status == 201


def test_a_key_belongs_to_its_gateway(owner: Owner, address: str, redis_url: str) -> None:
    stranger = Owner(address, new_gateway(redis_url, "other")[1])
    mine, theirs = post(owner, "/webhooks", WISH), post(stranger, "/webhooks", WISH)
    assert theirs.status == 201
    assert theirs.json["id"] != mine.json["id"]


def test_what_is_refused_is_not_remembered(owner: Owner) -> None:
    assert post(owner, "/webhooks", {**WISH, "name": "?"}).status == 422
    assert post(owner, "/webhooks", WISH).status == 201
    assert post(owner, "/webhooks", WISH, "k2").json["code"] == "name_taken"
    owner.ask("DELETE", "/webhooks/github")
    assert post(owner, "/webhooks", WISH, "k2").status == 201


def test_who_asks_several_times_at_once_makes_one(owner: Owner) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: post(owner, "/webhooks", WISH), range(8)))
    assert {each.status for each in found} <= {201, 409}
    assert {each.json["id"] for each in found if each.status == 201} == {
        each["id"] for each in owner.ask("GET", "/webhooks").json["webhooks"]
    }
    assert {each.json["code"] for each in found if each.status == 409} <= {"still_under_way"}


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "\xe4"])
def test_a_key_that_is_none_is_refused(owner: Owner, key: str) -> None:
    answer = post(owner, "/webhooks", WISH, key)
    assert (answer.status, answer.json["code"]) == (422, "invalid_input")


def test_answers_are_sealed_and_end(owner: Owner, redis_url: str) -> None:
    made = post(owner, "/webhooks", WISH).json
    store = SyncStore(redis_url)
    assert made["secret"].encode() not in repr(contents(store.client.execute_command)).encode()
    [key] = store.client.keys("fleet:answer:*")
    assert 0 < store.client.ttl(key) <= 24 * 3600
    assert b"k1" not in key
    store.close()


def test_the_keys_of_a_gateway_are_bounded_and_a_lost_run_frees_its_key(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, now = SyncStore(redis_url), clock_ms()
    monkeypatch.setattr("store.answers.MOST", 2)
    runs = [Run("gw_1", f"key{number}", "asked", os.urandom(4).hex()) for number in range(3)]
    for run in runs[:2]:
        assert store.run(answers.begin(run, now)) is None
    with pytest.raises(answers.TooManyKeysError):
        store.run(answers.begin(runs[2], now))
    again = Run("gw_1", "key0", "asked", "another mark")
    with pytest.raises(answers.StillUnderWayError):
        store.run(answers.begin(again, now))
    assert not store.run(answers.end(again, b"sealed", now))
    store.client.delete("fleet:answer:gw_1:key0")  # as after a minute
    assert store.run(answers.begin(runs[2], now + answers.RUN_MS)) is None
    store.close()
