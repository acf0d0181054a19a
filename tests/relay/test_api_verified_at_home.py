"""Webhooks whose signatures are left to the private side, over the control API: no secret gets there."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from domain.envelope import pack
from domain.event import Request
from domain.ids import new_id
from store import events, webhooks
from store.connect import SyncStore
from store.events import Candidate
from store.sealing import Sealer, event_place
from tests.owner_door import RING, Answer, Owner, clock_ms, new_gateway
from tests.world import LIMITS

PATH = "/webhooks/hook"


@dataclass
class Home:
    """A gateway, its owner, and what Redis holds of it."""

    owner: Owner
    store: SyncStore
    gateway: str

    def create(self, sender: str = "github", **more: object) -> Answer:
        return self.owner.ask("POST", "/webhooks", {"name": "hook", "sender": sender, **more})

    def change(self, **wish: object) -> Answer:
        return self.owner.ask("PATCH", PATH, wish)

    def shown(self):
        return self.owner.ask("GET", PATH).json

    def sealed(self) -> bytes:
        found = self.store.run(webhooks.find(self.gateway, "hook"))
        assert found is not None
        return found.sealed_secrets


@pytest.fixture
def home(address: str, redis_url: str) -> Iterator[Home]:
    gateway, token = new_gateway(redis_url, "home")
    store = SyncStore(redis_url)
    yield Home(Owner(address, token), store, gateway.id)
    store.close()


def refused(answer: Answer, status: int, code: str) -> str:
    assert (answer.status, answer.json["code"]) == (status, code), answer.raw
    return answer.json["detail"]


def test_it_says_so_and_what_is_to_be_done_at_home(home: Home) -> None:
    made = home.create(verify="local").json
    assert (made["verify"], made["signature"], made["secrets"]) == ("local", "left to the private side", [])
    assert "secret" not in made
    assert made["next_step"].startswith(
        "The gateway keeps no secret of this webhook and takes whatever comes"
    )
    assert (
        "Make a secret: 'openssl rand -hex 32 | fleet vault set hook --stdin'; 'fleet vault show hook' prints"
        " it. Paste it into the field Secret" in made["next_step"]
    )
    issued = home.create("stripe", name="pay", verify="local").json["next_step"]
    assert ("Store the secret with 'fleet vault set pay'." in issued, "openssl" in issued) == (True, False)
    assert "under 'verify' of the target in fleet.toml." in made["next_step"]
    assert (
        home.create("telegram", name="bot", verify="local")
        .json["next_step"]
        .endswith("sends the secret itself with every request, so the gateway sees it all the same.")
    )


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", f"{PATH}/secret", {"secret": "hush"}),
        ("POST", f"{PATH}/secrets", {"secret": "hush"}),
        ("POST", f"{PATH}/secrets", {}),
        ("POST", f"{PATH}/secrets", {"hold": True}),
        ("POST", f"{PATH}/samples", {"event": "push", "trial_key": True}),
        ("POST", f"{PATH}/samples", {"event": "push", "bad_signature": True}),
        ("POST", f"{PATH}/examination", None),
    ],
)
def test_nothing_that_takes_a_secret_is_done_there(home: Home, method: str, path: str, body: object) -> None:
    home.create(verify="local")
    answer = home.owner.ask(method, path, body)
    sentence = refused(answer, 409, "verified_at_home")
    assert "'fleet vault set NAME'" in sentence
    assert "'fleet webhooks update hook --verify workers'" in sentence
    assert b"hush" not in answer.raw
    assert home.sealed() == b""


def test_an_event_from_there_is_not_examined(home: Home) -> None:
    webhook = home.create(verify="local").json["id"]
    sealer, now_ms = Sealer(RING, bytes), clock_ms()
    event = new_id("evt", now_ms, bytes(9))
    request = pack(Request("POST", b"", b"", (), b"{}"))
    sealed = sealer.seal(request, event_place(home.gateway, webhook, event), now_ms)
    candidate = Candidate(event, home.gateway, webhook, 1, 1000, now_ms, 2, sealed)
    [accepted] = home.store.run(events.accept([candidate], LIMITS, new_id("job", now_ms, bytes(9)), now_ms))
    assert accepted.verdict == "accepted"
    refused(home.owner.ask("POST", f"/events/{event}/examination"), 409, "verified_at_home")


@pytest.mark.parametrize("sender", ["discord", "zoom", "twitch", "notion", "asana", "paypal", "docker-hub"])
def test_senders_for_whom_that_cannot_be_are_refused_with_the_reason(home: Home, sender: str) -> None:
    for answer in (
        home.create(sender, verify="local"),
        home.create(verify="local") and home.change(sender=sender),
    ):
        sentence = refused(answer, 422, "invalid_input")
        assert answer.json["errors"][0]["field"] == "verify"
        assert sentence.endswith("Let the gateway verify it: leave 'local' out, or say 'workers'.")
    assert home.shown()["sender"] == "github"


def test_the_git_receiver_is_no_such_webhook(home: Home) -> None:
    assert "has no secret, signature or parameter of its own" in refused(
        home.create("git", verify="local"), 422, "invalid_input"
    )


def test_what_is_not_checked_cannot_be_required(home: Home) -> None:
    first = home.create(verify="local", require_signature=True)
    assert "cannot require signatures that it does not check" in refused(first, 422, "invalid_input")
    home.create(require_signature=True)
    home.owner.ask("DELETE", f"{PATH}/secrets")
    refused(home.change(verify="local"), 422, "invalid_input")
    assert home.change(verify="local", require_signature=False).status == 200
    refused(home.change(require_signature=True), 422, "invalid_input")
    assert home.change(verify="workers", require_signature=True).json["signature"].startswith("required, but")


def test_a_webhook_with_secrets_has_to_lose_them_first(home: Home) -> None:
    home.create(require_signature=True)
    home.owner.ask("POST", f"{PATH}/secrets", {"grace_s": 0})
    sentence = refused(home.change(verify="local", require_signature=False), 409, "has_secrets")
    assert "'fleet webhooks remove-secret hook --all'" in sentence
    assert "'fleet webhooks pause hook'" in sentence
    assert home.shown()["verify"] == "workers"
    home.owner.ask("DELETE", f"{PATH}/secrets")
    changed = home.change(verify="local", require_signature=False)
    assert (changed.status, changed.json["signature"]) == (200, "left to the private side")
    assert home.sealed() == b""


def test_of_a_secret_and_the_farewell_to_secrets_at_the_same_time_one_wins(home: Home) -> None:
    for _ in range(5):
        home.create()
        with ThreadPoolExecutor(2) as pool:
            one = pool.submit(home.change, verify="local")
            two = pool.submit(home.owner.ask, "PUT", f"{PATH}/secret", {"secret": "hush"})
            codes = {one.result().status, two.result().status}
        assert codes == {200, 409}
        shown = home.shown()
        assert (shown["verify"] == "local") is (shown["secrets"] == [])
        home.owner.ask("DELETE", PATH)


def test_another_sender_leaves_it_at_home(home: Home) -> None:
    home.create(verify="local")
    assert home.change(sender="stripe").json["verify"] == "local"
    assert home.change(verify="workers").json["signature"] == "unverified"


def test_a_sample_is_not_signed_and_is_expected_to_pass(home: Home) -> None:
    home.create(verify="local")
    sample = home.owner.ask("POST", f"{PATH}/samples", {"event": "push"}).json
    assert (sample["signed_by"], sample["expect"], sample["again"]) == (None, "accepted", "accepted")


def test_there_is_nothing_to_reveal_or_to_pull(home: Home) -> None:
    home.create(verify="local")
    asked = {"name": "other", "sender": "github", "verify": "local", "hold_secret": True}
    refusal = home.owner.ask("POST", "/webhooks", asked)
    assert "verified at home" in refused(refusal, 422, "invalid_input")
    assert "left to the private side" in refused(
        home.owner.ask("POST", f"{PATH}/reveal"), 409, "nothing_to_reveal"
    )
    refused(home.owner.ask("POST", f"{PATH}/pull"), 409, "nothing_held")
