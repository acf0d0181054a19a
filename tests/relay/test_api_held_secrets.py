"""Held secrets over the control API: made, never shown, pulled once, and not lost with an answer."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from domain.vault import PULL_AGAIN_MS
from relay.server.api import opened
from relay.server.api.resource import Visit
from store import webhooks
from store.connect import SyncStore
from store.sealing import Sealer
from store.webhooks import StoredWebhook
from tests import owner_door as door
from tests.owner_door import RING, Answer, Owner, new_gateway
from tests.redis_contents import contents
from tests.vaults import secrets_in

WISH = {"name": "hook", "sender": "github", "require_signature": True, "hold_secret": True}


@dataclass
class Home:
    """A gateway, its owner, and what Redis holds of it."""

    owner: Owner
    store: SyncStore
    gateway: str

    def create(self, **more: object) -> Answer:
        answer = self.owner.ask("POST", "/webhooks", {**WISH, **more})
        assert answer.status == 201, answer.raw
        return answer

    def rotate(self, **wish: object) -> Answer:
        return self.owner.ask("POST", "/webhooks/hook/secrets", wish)

    def pull(self, key: str | None = None) -> Answer:
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.owner.ask("POST", "/webhooks/hook/pull", headers=headers)

    def shown(self):
        return self.owner.ask("GET", "/webhooks/hook").json

    def values(self) -> tuple[str, ...]:
        """What a worker would verify with now, the current one first."""
        found = self.store.run(webhooks.find(self.gateway, "hook"))
        assert found is not None
        return tuple(value.decode() for value in secrets_in(Sealer(RING, bytes), found, door.clock_ms()))


@pytest.fixture
def home(address: str, redis_url: str) -> Iterator[Home]:
    gateway, token = new_gateway(redis_url, "home")
    store = SyncStore(redis_url)
    yield Home(Owner(address, token), store, gateway.id)
    store.close()


def is_nothing_held(answer: Answer) -> bool:
    return (answer.status, answer.json["code"]) == (409, "nothing_held")


def test_a_held_secret_counts_is_in_no_answer_and_is_pulled_once(home: Home) -> None:
    made = home.create()
    [secret] = home.values()
    assert "secret" not in made.json
    assert (made.json["held"], made.json["signature"]) == (True, "required")
    assert made.json["next_step"].startswith("The secret waits: 'fleet vault pull hook' fetches it into")
    listed = home.owner.ask("GET", "/webhooks")
    assert listed.json["webhooks"][0]["held"] is True
    pulled = home.pull()
    assert pulled.json == {"webhook": "hook", "secret": secret, "id": made.json["secrets"][0]["id"]}
    assert pulled.headers["cache-control"] == "no-store"
    after = home.owner.ask("GET", "/webhooks/hook")
    assert after.json["held"] is False
    assert is_nothing_held(again := home.pull())
    assert "'fleet webhooks rotate-secret hook --hold' makes a new one" in again.json["detail"]
    assert home.values() == (secret,)
    assert all(secret.encode() not in answer.raw for answer in (made, listed, after, again))


def test_a_rotation_holds_its_secret_and_what_is_held_is_always_current(home: Home) -> None:
    home.create()
    rotated = home.rotate(hold=True)
    assert (rotated.status, rotated.json["held"], "secret" in rotated.json) == (201, True, False)
    assert rotated.json["next_step"].startswith("The secret waits: 'fleet vault pull hook'")
    new, old = home.values()
    assert new.encode() not in rotated.raw
    assert home.pull("k").json["secret"] == new != old
    # Shown in its own answer, a secret is not held; and the one before it would be the wrong one to store.
    assert home.rotate(hold=True).json["held"] is True
    assert home.rotate().json["held"] is False
    assert is_nothing_held(home.pull())
    assert is_nothing_held(home.pull("k"))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/webhooks/hook/secret", {"secret": "own"}),
        ("POST", "/webhooks/hook/secrets", {"secret": "own"}),
        ("DELETE", "/webhooks/hook/secrets", None),
    ],
)
def test_what_takes_its_place_ends_the_wait(home: Home, method: str, path: str, body: object) -> None:
    home.create()
    assert home.owner.ask(method, path, body).json["held"] is False
    assert is_nothing_held(home.pull())


def test_of_many_who_ask_one_is_told(home: Home) -> None:
    home.create()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: home.pull(f"key{number}"), range(8)))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 7


def test_who_asks_again_under_the_same_key_is_told_again_for_a_day(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.create()
    first = home.pull("k1")
    assert home.pull("k1").raw == first.raw
    assert is_nothing_held(home.pull("k2"))
    assert is_nothing_held(home.pull())
    assert home.pull("k1").status == 200
    monkeypatch.setattr("domain.vault.PULL_AGAIN_MS", 0)
    assert PULL_AGAIN_MS == 24 * 3600 * 1000
    assert is_nothing_held(home.pull("k1"))


def test_a_pull_without_a_key_is_answered_to_no_key_later(home: Home) -> None:
    home.create()
    assert home.pull().status == 200
    assert is_nothing_held(home.pull("k1"))
    assert is_nothing_held(home.pull())


def test_a_relay_that_dies_after_the_change_loses_no_secret(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.create()
    true = opened.wanted
    asked: list[Visit] = []

    async def dies(visit: Visit) -> StoredWebhook:
        asked.append(visit)
        if len(asked) == 2:  # the change is made, its answer is not
            raise ZeroDivisionError
        return await true(visit)

    monkeypatch.setattr(opened, "wanted", dies)
    assert home.pull("k1").status == 500
    assert home.shown()["held"] is False
    assert is_nothing_held(home.pull("k2"))
    assert home.pull("k1").json["secret"] == home.values()[0]


def test_no_key_and_no_secret_stands_in_redis_to_be_read(home: Home) -> None:
    home.create()
    secret = home.pull("a key of mine").json["secret"]
    everything = repr(contents(home.store.client.execute_command))
    assert secret not in everything
    assert "a key of mine" not in everything


def test_a_key_that_is_none_is_refused(home: Home) -> None:
    home.create()
    assert home.pull("x" * 256).json["code"] == "invalid_input"
    assert home.shown()["held"] is True


@pytest.mark.parametrize(
    ("sender", "sentence"),
    [
        ("github", "No secret is made unless signatures are demanded"),
        ("git", "The webhook for Git has no secret"),
    ],
)
def test_what_would_hold_nothing_is_refused(home: Home, sender: str, sentence: str) -> None:
    wish = {**WISH, "sender": sender, "require_signature": False}
    answer = home.owner.ask("POST", "/webhooks", wish)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "hold_secret")
    assert sentence in answer.json["detail"]
    assert home.owner.ask("GET", "/webhooks").json["webhooks"] == []


@pytest.mark.parametrize(
    "wish",
    [
        {"sender": "stripe"},
        {"sender": "paypal"},
        {"sender": "git", "require_signature": False, "hold_secret": False},
    ],
)
def test_where_no_secret_is_made_none_is_held(home: Home, wish: dict[str, object]) -> None:
    assert home.create(**wish).json["held"] is False
    assert is_nothing_held(home.pull())


def test_ones_own_secret_is_not_held(home: Home) -> None:
    home.create()
    refused = home.rotate(secret="canary", hold=True)
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "hold")
    assert b"canary" not in refused.raw
    assert len(home.values()) == 1


def test_an_answer_that_is_given_again_has_no_secret_either(home: Home) -> None:
    headers = {"Idempotency-Key": "k1"}
    first = home.owner.ask("POST", "/webhooks", WISH, headers=headers)
    again = home.owner.ask("POST", "/webhooks", WISH, headers=headers)
    assert again.raw == first.raw
    assert home.values()[0].encode() not in first.raw
    assert home.pull().status == 200
