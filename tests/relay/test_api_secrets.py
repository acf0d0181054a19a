"""The secrets of a webhook over the control API: set, rotated, removed, and never shown twice."""

import re
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from domain.secret import SigningSecret
from relay.server.api import opened
from store import keys, webhooks
from store.connect import SyncStore
from store.sealing import KeyRing, Sealer
from store.webhook_change import Change, WebhookChangedError
from store.webhooks import StoredWebhook
from tests import owner_door as door
from tests.owner_door import RING, Answer, Owner, new_gateway
from tests.redis_contents import contents
from tests.vaults import secrets_in

NO_SECRET = "required, but no secret is set: every event is rejected"


@dataclass
class Home:
    """A gateway, its owner, and what Redis holds of it."""

    owner: Owner
    store: SyncStore
    gateway: str

    def stored(self, name: str = "hook") -> StoredWebhook:
        found = self.store.run(webhooks.find(self.gateway, name))
        assert found is not None
        return found

    def values(self, name: str = "hook") -> tuple[bytes, ...]:
        """What a worker would verify with now."""
        return secrets_in(Sealer(RING, bytes), self.stored(name), door.clock_ms())

    def webhook(self, sender: str = "github", **more: object):
        return self.owner.webhook("hook", sender, **more)

    def shown(self):
        return self.owner.ask("GET", "/webhooks/hook").json

    def rotate(self, **wish: object) -> Answer:
        return self.owner.ask("POST", "/webhooks/hook/secrets", wish)

    def rotated(self, **wish: object):
        answer = self.rotate(**wish)
        assert answer.status == 201, answer.raw
        return answer.json

    def remove(self, secret: str = "") -> Answer:
        return self.owner.ask("DELETE", f"/webhooks/hook/secrets{'/' * bool(secret)}{secret}")

    def capture(self, value: bytes) -> None:
        """What the ingress does when a sender says its secret in a handshake."""
        sealer, stored, now_ms = Sealer(RING, bytes), self.stored(), door.clock_ms()
        vault = webhooks.open_vault(sealer, stored).captured(SigningSecret("sec_shaken", value, now_ms))
        sealed = webhooks.seal_vault(sealer, self.gateway, stored.webhook.id, vault, now_ms)
        assert self.store.run(webhooks.change(stored.webhook, Change(sealed_secrets=sealed)))


@pytest.fixture
def home(address: str, redis_url: str) -> Iterator[Home]:
    gateway, token = new_gateway(redis_url, "home")
    store = SyncStore(redis_url)
    yield Home(Owner(address, token), store, gateway.id)
    store.close()


def refused(answer: Answer, status: int, code: str) -> str:
    assert (answer.status, answer.json["code"]) == (status, code), answer.raw
    return answer.json["detail"]


def ids(webhook) -> list[str]:
    return [each["id"] for each in webhook["secrets"]]


def seconds(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


# --- set


def test_a_secret_that_is_set_replaces_the_one_before_and_is_never_echoed(home: Home) -> None:
    home.webhook("stripe")
    for secret in ("whsec_first", "whsec_second"):
        answer = home.owner.ask("PUT", "/webhooks/hook/secret", {"secret": secret})
        assert answer.status == 200
        assert b"whsec" not in answer.raw
        assert answer.json["signature"] == "checked"
    assert home.values() == (b"whsec_second",)
    current, ended = answer.json["secrets"]
    assert current["expires_at"] is None
    assert ended["expires_at"] == current["created_at"]


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize("secret", ["", "x" * 4097, "é" * 2049])
def test_a_secret_has_bounds_in_bytes(home: Home, method: str, secret: str) -> None:
    home.webhook("stripe")
    path = "/webhooks/hook/secret" + "s" * (method == "POST")
    answer = home.owner.ask(method, path, {"secret": secret})
    assert refused(answer, 422, "invalid_input") == "A secret has 1 to 4096 bytes."
    assert home.shown()["signature"] == "unverified"


def test_the_longest_secret_fits(home: Home) -> None:
    home.webhook("slack")
    assert home.owner.ask("PUT", "/webhooks/hook/secret", {"secret": "é" * 2048}).status == 200
    assert home.values() == ("é".encode() * 2048,)


@pytest.mark.parametrize("path", ["secret", "secrets"])
@pytest.mark.parametrize("body", [{"secret": ["hush"]}, {"secret": {"hush": 1}}, "hush", ["hush"]])
def test_a_misshapen_secret_is_refused_without_repeating_it(home: Home, path: str, body: object) -> None:
    home.webhook("stripe")
    answer = home.owner.ask("PUT" if path == "secret" else "POST", f"/webhooks/hook/{path}", body)
    refused(answer, 422, "invalid_input")
    assert b"hush" not in answer.raw


@pytest.mark.parametrize("path", ["secret", "secrets"])
def test_white_space_at_an_end_is_refused_unless_it_is_meant(home: Home, path: str) -> None:
    home.webhook("stripe")
    method = "PUT" if path == "secret" else "POST"
    answer = home.owner.ask(method, f"/webhooks/hook/{path}", {"secret": "whsec_canary\n"})
    assert "invisible character" in refused(answer, 422, "invalid_input")
    assert b"canary" not in answer.raw
    assert home.values() == ()
    wish = {"secret": "whsec_canary\n", "exact": True}
    assert home.owner.ask(method, f"/webhooks/hook/{path}", wish).status < 300
    assert home.values() == (b"whsec_canary\n",)


def test_what_can_be_no_key_of_the_sender_is_refused_with_where_the_right_one_is(home: Home) -> None:
    made = home.webhook("discord")
    assert made["verify"] == "ingress"
    for answer in (
        home.owner.ask("PUT", "/webhooks/hook/secret", {"secret": "a client secret"}),
        home.rotate(secret="a client secret"),
    ):
        detail = refused(answer, 422, "invalid_input")
        assert detail.startswith("This cannot be a secret of Discord")
        assert "client secret" not in detail
    assert home.rotate(secret="ab" * 32).status == 201


@pytest.mark.parametrize("sender", ["stripe", "svix", "clerk", "resend"])
def test_a_secret_that_begins_otherwise_than_those_of_the_sender_is_refused_unless_it_is_meant(
    home: Home, sender: str
) -> None:
    home.webhook(sender)
    for answer in (
        home.owner.ask("PUT", "/webhooks/hook/secret", {"secret": "sk_test_canary"}),
        home.rotate(secret="sk_test_canary"),
    ):
        detail = refused(answer, 422, "invalid_input")
        assert "begin with whsec_; this looks like another key. " in detail
        assert "exact (--exact)" in detail
        assert "canary" not in detail
    assert home.values() == ()
    key = b64encode(b"k" * 32).decode()
    assert home.rotate(secret=key, exact=True).status == 201
    assert home.rotate(secret=f"whsec_{key}").status == 201


def test_for_a_sender_that_signs_nothing_no_secret_is_kept_and_no_signature_demanded(home: Home) -> None:
    made = home.webhook("docker-hub")
    assert made["next_step"] == "Docker Hub signs nothing: whoever knows the URL can send events."
    sentence = "Docker Hub signs nothing"
    for method, path, wish in (
        ("PUT", "/webhooks/hook/secret", {"secret": "x"}),
        ("POST", "/webhooks/hook/secrets", {}),
        ("PATCH", "/webhooks/hook", {"require_signature": True}),
        ("POST", "/webhooks", {"name": "other", "sender": "docker-hub", "require_signature": True}),
    ):
        assert sentence in refused(home.owner.ask(method, path, wish), 422, "invalid_input")
    assert home.shown()["signature"] == "unverified"


def test_a_sender_that_needs_no_secret_says_what_it_needs(home: Home) -> None:
    made = home.webhook("paypal", require_signature=True)
    assert "secret" not in made
    assert made["next_step"].startswith("None is needed: PayPal signs with a certificate")
    assert "'fleet webhooks update hook --set webhook_id=...'" in made["next_step"]
    assert made["signature"] == "required, but the parameter webhook_id is not set: every event is rejected"
    told = home.owner.ask("PATCH", "/webhooks/hook", {"parameters": {"webhook_id": "5GP028458E2496506"}})
    assert (told.json["signature"], told.json["secrets"]) == ("required", [])
    demanded = home.owner.ask("PATCH", "/webhooks/hook", {"require_signature": False}).json
    assert demanded["signature"] == "checked"
    assert "has to be given" in refused(home.rotate(), 422, "invalid_input")


# --- rotated


def test_a_rotation_makes_a_secret_and_lets_the_old_one_count_for_a_day(home: Home) -> None:
    made = home.webhook(require_signature=True)
    rotated = home.rotated()
    assert home.values() == (rotated["secret"].encode(), made["secret"].encode())
    new, old = rotated["secrets"]
    assert (new["expires_at"], old["id"]) == (None, ids(made)[0])
    assert seconds(new["created_at"], old["expires_at"]) == 24 * 3600
    assert rotated["next_step"].startswith("The secret is shown this once. Paste it into")
    end = f"{old['expires_at'][:19].replace('T', ' ')} UTC"
    assert rotated["next_step"].endswith(f"Until {end} the one before counts, too.")
    assert home.shown() == {key: rotated[key] for key in rotated if key not in {"secret", "next_step"}}
    again = home.rotated()["next_step"]
    assert re.search(r"Until [-0-9]+ [:0-9]+ UTC at the latest the ones before count, too\.$", again)


@pytest.mark.parametrize(("sender", "look"), [("standard-webhooks", "whsec_"), ("azure-devops", "fleet:")])
def test_what_is_made_looks_as_the_sender_wants_it(home: Home, sender: str, look: str) -> None:
    made = home.webhook(sender, require_signature=True)
    rotated = home.rotated(grace_s=0)
    assert made["secret"].startswith(look)
    assert rotated["secret"].startswith(look)
    assert made["secret"] != rotated["secret"]
    assert rotated["next_step"].endswith("No other one counts any more.")
    assert home.values() == (rotated["secret"].encode(),)


def test_ones_own_secret_is_not_repeated(home: Home) -> None:
    home.webhook("slack")
    answer = home.rotate(secret="canary", grace_s=60)
    assert answer.status == 201
    assert b"canary" not in answer.raw
    assert "secret" not in answer.json
    again = home.rotate(secret="canary")
    assert "current secret already" in refused(again, 422, "invalid_input")


def test_a_secret_that_only_the_sender_makes_has_to_be_given(home: Home) -> None:
    home.webhook("stripe")
    detail = refused(home.rotate(), 422, "invalid_input")
    assert detail.startswith("The secret of Stripe comes from there, so it has to be given. Stripe shows it")
    # Likewise when its owner has pinned the one scheme whose keys are not ours to make.
    pinned = {"scheme": "stdwh-v1a"}
    made = home.owner.webhook("own", "standard-webhooks", require_signature=True, parameters=pinned)
    assert "secret" not in made
    assert made["signature"] == NO_SECRET
    assert "has to be given" in refused(
        home.owner.ask("POST", "/webhooks/own/secrets", {}), 422, "invalid_input"
    )


@pytest.mark.parametrize("grace_s", [-1, 30 * 86400 + 1, "1h", 0.5, None])
def test_a_grace_time_has_bounds(home: Home, grace_s: object) -> None:
    home.webhook()
    assert "'grace_s' must be" in refused(home.rotate(grace_s=grace_s), 422, "invalid_input")


def test_a_webhook_has_five_live_secrets_at_most(home: Home) -> None:
    home.webhook(require_signature=True)
    for _ in range(4):
        home.rotated()
    oldest = ids(home.shown())[-1]
    before = home.values()
    assert f"Remove one first, such as {oldest}," in refused(home.rotate(), 409, "too_many_secrets")
    assert home.values() == before
    assert home.remove(oldest).status == 200
    home.rotated()
    assert len(home.values()) == 5
    home.rotated(grace_s=0)
    assert len(home.values()) == 1


def test_the_listing_says_when_each_secret_was_last_used(home: Home) -> None:
    made = home.webhook(require_signature=True)
    [first] = ids(made)
    second = ids(home.rotated())[0]
    home.store.client.execute_command("ZADD", keys.matched(made["id"]), 1_769_860_800_000, first)
    [listed] = home.owner.ask("GET", "/webhooks").json["webhooks"]
    assert listed == home.shown()
    used = {each["id"]: each["last_matched"] for each in listed["secrets"]}
    assert used == {first: "2026-01-31T12:00:00.000Z", second: None}
    # What is removed is forgotten with the secret.
    home.remove(first)
    assert home.store.run(webhooks.matched([made["id"]])) == [{}]


def test_rotations_at_the_same_time_lose_nothing(home: Home) -> None:
    made = home.webhook("custom", require_signature=True)

    def change(number: int) -> str:
        if number % 2:
            home.owner.ask("PATCH", "/webhooks/hook", {"parameters": {f"{PARAMETERS[number // 2]}": "x-own"}})
            return ""
        return home.rotated()["secret"]

    with ThreadPoolExecutor(8) as pool:
        secrets = {secret for secret in pool.map(change, range(8)) if secret}
    assert {value.decode() for value in home.values()} == {made["secret"], *secrets}
    shown = home.shown()
    assert shown["parameters"] == dict.fromkeys(PARAMETERS, "x-own")
    assert [each["expires_at"] for each in shown["secrets"]].count(None) == 1


PARAMETERS = ("header", "id_header", "event_type_header", "prefix")


def test_who_always_comes_too_late_gives_up_with_a_sentence(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.webhook()

    def late(*_: object) -> None:
        raise WebhookChangedError

    monkeypatch.setattr(opened.webhooks, "change", late)
    assert "Somebody else is changing" in refused(home.rotate(), 409, "changed_meanwhile")


# --- removed


def test_who_removes_the_new_secret_undoes_the_rotation(home: Home) -> None:
    made = home.webhook(require_signature=True)
    new = ids(home.rotated())[0]
    left = home.remove(new)
    assert left.status == 200
    assert ids(left.json) == ids(made)
    assert left.json["secrets"][0]["expires_at"] is None
    assert home.values() == (made["secret"].encode(),)


def test_the_only_secret_goes_only_with_all(home: Home) -> None:
    made = home.webhook(require_signature=True)
    home.rotated(grace_s=0)
    assert "is the only secret that counts" in refused(home.remove(ids(home.shown())[0]), 409, "only_secret")
    emptied = home.remove().json
    assert (emptied["secrets"], emptied["signature"]) == ([], NO_SECRET)
    assert home.stored().sealed_secrets == b""
    assert home.remove().json == emptied
    assert refused(home.remove(ids(made)[0]), 404, "not_found")


def test_an_unknown_secret_is_named_in_bounds(home: Home) -> None:
    home.webhook(require_signature=True)
    assert refused(home.remove("sec_1"), 404, "not_found") == (
        "There is no secret 'sec_1' at webhook 'hook'; 'fleet webhooks show hook' lists those that there are."
    )
    assert len(home.remove("x" * 5000).raw) < 400


# --- revealed


def test_a_secret_from_a_handshake_is_revealed_once(home: Home) -> None:
    home.webhook("notion")
    home.capture(b"secret_canary")
    assert [each["to_reveal"] for each in home.shown()["secrets"]] == [True]
    answer = home.owner.ask("POST", "/webhooks/hook/reveal")
    assert (answer.status, answer.json["secret"]) == (200, "secret_canary")
    assert [each["to_reveal"] for each in home.shown()["secrets"]] == [False]
    sentence = refused(home.owner.ask("POST", "/webhooks/hook/reveal"), 409, "nothing_to_reveal")
    assert "only once" in sentence
    assert "'fleet webhooks remove-secret hook --all', then let the sender shake hands again." in sentence
    assert home.values() == (b"secret_canary",)


def test_of_many_who_ask_one_is_told(home: Home) -> None:
    home.webhook("notion")
    home.capture(b"secret_canary")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: home.owner.ask("POST", "/webhooks/hook/reveal"), range(8)))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 7


def test_a_secret_that_was_made_or_set_is_never_revealed(home: Home) -> None:
    home.webhook(require_signature=True)
    sentence = refused(home.owner.ask("POST", "/webhooks/hook/reveal"), 409, "nothing_to_reveal")
    assert sentence.endswith("If it is lost: 'fleet webhooks rotate-secret hook' makes a new one.")
    home.owner.ask("PUT", "/webhooks/hook/secret", {"secret": "own"})
    refused(home.owner.ask("POST", "/webhooks/hook/reveal"), 409, "nothing_to_reveal")


@pytest.mark.parametrize(
    ("sender", "remedy"),
    [
        ("stripe", "'fleet webhooks rotate-secret hook' stores a new one."),
        ("docker-hub", "Docker Hub signs nothing, so there is none."),
        ("paypal", "which is fetched unless you store it yourself."),
    ],
)
def test_what_is_done_about_a_lost_secret_depends_on_who_makes_it(
    home: Home, sender: str, remedy: str
) -> None:
    home.webhook(sender)
    sentence = refused(home.owner.ask("POST", "/webhooks/hook/reveal"), 409, "nothing_to_reveal")
    assert sentence.endswith(remedy)


# --- parameters and sender


def test_parameters_are_merged_shown_and_removed(home: Home) -> None:
    made = home.webhook("custom", parameters={"header": "X-Own", "algorithm": "sha512", "prefix": ""})
    assert made["parameters"] == {"header": "X-Own", "algorithm": "sha512"}
    for change, now in (
        ({"algorithm": "sha1"}, {"header": "X-Own", "algorithm": "sha1"}),
        ({"header": None, "encoding": "hex"}, {"algorithm": "sha1", "encoding": "hex"}),
        ({"encoding": "", "algorithm": None}, {}),
    ):
        answer = home.owner.ask("PATCH", "/webhooks/hook", {"parameters": change})
        assert (answer.status, answer.json["parameters"]) == (200, now)
    assert home.stored().sealed_secrets == b""


@pytest.mark.parametrize(
    ("sender", "parameters", "field", "sentence"),
    [
        ("github", {"header": "X"}, "parameters.header", "GitHub has no parameter 'header'; it has scheme."),
        ("custom", {"algorithm": "md5"}, "parameters.algorithm", "is one of sha256, sha512, sha1."),
        ("custom", {"header": "a b"}, "parameters.header", "the name of a header, such as X-Signature."),
        ("custom", {"signed": "{timestamp}.{body}"}, "parameters.timestamp_header", "belong together"),
        ("custom", {"url": "x" * 501}, "parameters.url", "1 to 500 characters."),
        ("custom", {"header": 5}, "parameters.header", "'parameters.header' must be a text in quotes."),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused_by_name(
    home: Home, sender: str, parameters: dict[str, object], field: str, sentence: str
) -> None:
    home.webhook(sender)
    for method, path, wish in (
        ("POST", "/webhooks", {"name": "other", "sender": sender, "parameters": parameters}),
        ("PATCH", "/webhooks/hook", {"parameters": parameters}),
    ):
        answer = home.owner.ask(method, path, wish)
        assert sentence in refused(answer, 422, "invalid_input")
        assert [each["field"] for each in answer.json["errors"]] == [field]
    assert home.shown()["parameters"] == {}


def test_a_secret_parameter_is_known_by_its_name_only(home: Home) -> None:
    made = home.webhook("meta", parameters={"verify_token": "canary"})
    assert (made["parameters"], made["secret_parameters"]) == ({}, ["verify_token"])
    for answer in (home.owner.ask("GET", "/webhooks"), home.owner.ask("GET", "/webhooks/hook")):
        assert b"canary" not in answer.raw


def test_another_sender_has_to_fit_the_parameters_and_says_when_no_secret_fits(home: Home) -> None:
    home.webhook("custom", require_signature=True, parameters={"header": "X-Own"})
    answer = home.owner.ask("PATCH", "/webhooks/hook", {"sender": "github"})
    assert "GitHub has no parameter 'header'" in refused(answer, 422, "invalid_input")
    wish = {"sender": "sendgrid", "parameters": {"header": None}}
    changed = home.owner.ask("PATCH", "/webhooks/hook", wish).json
    assert (changed["sender"], changed["parameters"]) == ("sendgrid", {})
    assert changed["signature"] == (
        "required, but none of its secrets fits the sender: every event is rejected"
    )
    assert ids(changed)


def test_where_it_is_verified_follows_the_sender_until_the_owner_chooses(home: Home) -> None:
    assert home.webhook("github")["verify"] == "workers"

    def verified(**wish: object) -> str:
        return home.owner.ask("PATCH", "/webhooks/hook", wish).json["verify"]

    assert verified(sender="discord") == "ingress"
    assert verified(sender="slack") == "workers"
    assert verified(verify="ingress") == "ingress"
    assert verified(sender="github") == "ingress"
    assert verified(verify="workers", sender="discord") == "workers"


def test_a_signature_can_be_demanded_later_and_no_more(home: Home) -> None:
    home.webhook()
    for demanded, signature in ((True, NO_SECRET), (False, "unverified")):
        changed = home.owner.ask("PATCH", "/webhooks/hook", {"require_signature": demanded}).json
        assert (changed["require_signature"], changed["signature"]) == (demanded, signature)


# --- what nobody sees


def test_no_secret_is_in_a_later_answer_or_can_be_read_in_redis(home: Home) -> None:
    secrets = [home.webhook(require_signature=True)["secret"]]
    secrets += [home.rotated()["secret"], home.rotated(grace_s=0)["secret"]]
    home.owner.ask("PUT", "/webhooks/hook/secret", {"secret": "a canary of my own"})
    home.rotated(secret="another canary")
    home.owner.webhook("meta", "meta", parameters={"verify_token": "canary token"})
    secrets += ["a canary of my own", "another canary", "canary token"]
    answers = [
        home.owner.ask("GET", "/webhooks").raw,
        home.owner.ask("GET", "/webhooks/hook").raw,
        home.owner.ask("PATCH", "/webhooks/hook", {"https_only": True}).raw,
        home.rotate(secret="another canary").raw,
        home.rotate(secret=" another canary").raw,
        home.remove(ids(home.shown())[-1]).raw,
        home.remove().raw,
    ]
    everything = contents(home.store.client.execute_command)
    seen = b"".join([*answers, *everything, *everything.values()])
    for secret in secrets:
        assert secret.encode() not in seen
        assert b64encode(secret.encode()) not in seen
    assert re.search(b"sec_[0-9a-z]{23}", b"".join(answers))


def test_with_its_key_gone_a_webhook_is_told_apart_and_takes_a_new_secret(home: Home, redis_url: str) -> None:
    home.webhook(require_signature=True)
    elsewhere = Sealer(KeyRing({b"0002": bytes(32)}, b"0002"), bytes)
    with door.serving(door.application(replace(door.context_of(redis_url), sealer=elsewhere))) as address:
        stranger = Owner(address, home.owner.token)
        shown = stranger.ask("GET", "/webhooks/hook").json
        assert shown["signature"] == "unreadable: its sealing key is gone"
        assert [shown[name] for name in ("url", "secrets", "parameters", "secret_parameters")] == [None] * 4
        assert refused(stranger.ask("POST", "/webhooks/hook/secrets", {}), 500, "gateway_broken")
        assert stranger.ask("PATCH", "/webhooks/hook", {"https_only": True}).status == 200
        assert stranger.ask("PUT", "/webhooks/hook/secret", {"secret": "new"}).status == 200
    assert secrets_in(elsewhere, home.stored()) == (b"new",)


def test_parameters_that_fit_no_more_are_told_and_can_be_set_again(home: Home) -> None:
    home.webhook("custom", parameters={"header": "X-Own"})
    home.store.client.execute_command("HSET", keys.webhook(home.shown()["id"]), "sender", "github")
    assert home.shown()["signature"] == "broken: its parameters do not fit its sender any more"
    mended = home.owner.ask("PATCH", "/webhooks/hook", {"parameters": {"header": None}})
    assert mended.json["signature"] == "unverified"
