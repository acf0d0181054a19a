"""Webhooks over the control API: a real server, a real Redis."""

import hashlib
import json

import pytest

from store import refusals, webhooks
from store.connect import SyncStore
from store.refusals import Refused
from store.sealing import Sealer
from tests.owner_door import PUBLIC_URL, RING, Answer, Owner, clock_ms, new_gateway
from tests.vaults import secrets_in


@pytest.fixture
def owner(address: str, redis_url: str) -> Owner:
    return Owner(address, new_gateway(redis_url, "home")[1])


def secrets_of(redis_url: str, url: str) -> tuple[bytes, ...]:
    """The signing secrets behind a webhook's URL, as a worker would open them."""
    token = url.removeprefix(f"{PUBLIC_URL}/t/")
    store = SyncStore(redis_url)
    stored = store.run(webhooks.by_token(hashlib.sha256(token.encode()).hexdigest()))
    store.close()
    assert stored is not None
    return secrets_in(Sealer(RING, bytes), stored)


def refused(answer: Answer, status: int, code: str) -> str:
    assert answer.status == status, answer.raw
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem = answer.json
    assert (problem["type"], problem["status"], problem["code"]) == ("about:blank", status, code)
    return problem["detail"]


def test_a_webhook_that_needs_a_signature_comes_with_its_secret_once(owner: Owner, redis_url: str) -> None:
    answer = owner.ask(
        "POST",
        "/webhooks",
        {"name": "github", "sender": "github", "description": "Größe", "require_signature": True},
    )
    made = answer.json
    assert answer.status == 201
    assert answer.headers["location"].endswith(f"/api/v1/webhooks/{made['id']}")
    assert len(made["url"].removeprefix(f"{PUBLIC_URL}/t/")) == 32
    assert bytes.fromhex(made["secret"])
    assert len(made["secret"]) == 64
    assert made["next_step"].startswith("The secret is shown this once. Paste it into")
    assert made["signature"] == "required"
    assert secrets_of(redis_url, made["url"]) == (made["secret"].encode(),)
    shown = {name: value for name, value in made.items() if name not in {"secret", "next_step"}}
    assert shown["description"] == "Größe"
    assert owner.ask("GET", "/webhooks/github").json == shown
    assert owner.ask("GET", f"/webhooks/{made['id']}").json == shown
    assert owner.ask("GET", "/webhooks").json == {"webhooks": [shown], "next": None}


@pytest.mark.parametrize("sender", ["stripe", "slack"])
def test_a_sender_that_issues_its_secret_gets_none_from_us(owner: Owner, redis_url: str, sender: str) -> None:
    made = owner.webhook("pay", sender, require_signature=True)
    assert "secret" not in made
    assert "'fleet webhooks set-secret pay'; until then every event is rejected" in made["next_step"]
    assert made["signature"] == "required, but no secret is set: every event is rejected"
    assert secrets_of(redis_url, made["url"]) == ()


def test_an_open_webhook_says_that_it_is_unverified(owner: Owner) -> None:
    made = owner.webhook()
    assert "secret" not in made
    assert (made["signature"], made["hourly_limit"]) == ("unverified", 1000)
    assert (made["events"], made["last_triggered"]) == (0, None)
    assert made["next_step"].startswith("Whoever knows the URL can send events.")


def next_step(owner: Owner, sender: str, **more: object) -> str:
    return owner.webhook("hook", sender, **more)["next_step"]


@pytest.mark.parametrize(
    ("sender", "found"),
    [
        ("github", "'fleet webhooks rotate-secret hook' makes a secret. Paste it into the field Secret"),
        ("stripe", "Stripe shows it as the signing secret (whsec_...) of the endpoint"),
    ],
)
def test_an_open_webhook_says_where_a_secret_is_found(owner: Owner, sender: str, found: str) -> None:
    told = next_step(owner, sender)
    assert f"To have signatures checked: {found}" in told
    assert ("store it here with 'fleet webhooks set-secret hook'" in told) is (sender == "stripe")


def test_what_a_program_of_ones_own_sends_is_said_as_it_was_set(owner: Owner) -> None:
    parameters = {"header": "X-Own", "algorithm": "sha512", "prefix": "v1="}
    told = next_step(owner, "custom", require_signature=True, parameters=parameters)
    assert told.endswith("it sends X-Own: v1=<hex HMAC-SHA512 of the body>.")
    rotated = owner.ask("POST", "/webhooks/hook/secrets", {}).json["next_step"]
    assert "it sends X-Own: v1=<hex HMAC-SHA512 of the body>. Until " in rotated


@pytest.mark.parametrize("require_signature", [True, False])
@pytest.mark.parametrize(("sender", "name"), [("zoom", "Zoom"), ("discord", "Discord")])
def test_a_secret_that_the_first_call_needs_is_asked_for_before_it(
    owner: Owner, sender: str, name: str, *, require_signature: bool
) -> None:
    told = next_step(owner, sender, require_signature=require_signature)
    assert f"Do that before you enter the URL at {name}: " in told


def test_a_verify_token_is_asked_for_before_the_url_is_entered(owner: Owner) -> None:
    before = "Before you enter the URL at Meta: 'fleet webhooks update hook --set verify_token'. The Verify"
    assert before in next_step(owner, "meta", require_signature=True)
    owner.ask("DELETE", "/webhooks/hook")
    assert "verify_token" not in next_step(owner, "meta", parameters={"verify_token": "x"})


def test_that_a_topic_has_to_be_named_and_confirmed_is_said(owner: Owner) -> None:
    told = next_step(owner, "aws-sns", require_signature=True)
    assert "'fleet webhooks update hook --set topic_arn=...'" in told
    assert "--set confirm_subscriptions=true' lets a worker do it, or open the SubscribeURL" in told
    owner.ask("DELETE", "/webhooks/hook")
    topic = {"topic_arn": "arn:aws:sns:eu-central-1:123456789012:orders", "confirm_subscriptions": "true"}
    assert "fleet webhooks update" not in next_step(owner, "aws-sns", parameters=topic)


def test_where_our_secret_is_made_with_the_webhook_nothing_has_to_be_done_before(owner: Owner) -> None:
    assert "before you enter" not in next_step(owner, "twitch", require_signature=True)


def test_a_taken_name_is_a_conflict(owner: Owner) -> None:
    owner.webhook()
    answer = owner.ask("POST", "/webhooks", {"name": "github", "sender": "slack"})
    assert "choose another name" in refused(answer, 409, "name_taken")
    assert [each["sender"] for each in owner.ask("GET", "/webhooks").json["webhooks"]] == ["github"]


def test_a_deleted_webhook_is_gone_and_its_name_free(owner: Owner) -> None:
    first = owner.webhook()
    answer = owner.ask("DELETE", "/webhooks/github")
    assert (answer.status, answer.raw) == (204, b"")
    assert refused(owner.ask("GET", "/webhooks/github"), 404, "not_found")
    assert refused(owner.ask("DELETE", "/webhooks/github"), 404, "not_found")
    second = owner.webhook()
    assert second["id"] != first["id"]
    assert second["url"] != first["url"]
    assert owner.ask("DELETE", f"/webhooks/{second['id']}").status == 204
    assert owner.ask("GET", "/webhooks").json == {"webhooks": [], "next": None}


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"name": "Über"}, "name", "'Über' cannot be a name: use 1 to 64 of a-z"),
        ({"name": "whk_00000000000000000000000"}, "name", "looks like an id; choose another name"),
        ({"name": 5}, "name", "'name' must be a text in quotes."),
        ({"name": None}, "name", "'name' must be a text in quotes."),
        ({"sender": "gitlob"}, "sender", "Did you mean gitlab or github?"),
        ({"verify": "relay"}, "verify", "'verify' must be 'workers', 'ingress' or 'local'."),
        ({"parameters": ["scheme"]}, "parameters", "'parameters' must be an object."),
        ({"description": "x" * 501}, "description", "'description' must have at most 500 characters."),
        ({"description": "two\nlines"}, "description", "one line without control characters"),
        ({"require_signature": "yes"}, "require_signature", "'require_signature' must be true or false."),
        ({"hourly_limit": 0}, "hourly_limit", "'hourly_limit' must be at least 1."),
        ({"hourly_limit": 1.5}, "hourly_limit", "'hourly_limit' must be a whole number."),
        ({"hourly_limit": 10_000_001}, "hourly_limit", "'hourly_limit' must be at most 10000000."),
        ({"nmae": "x"}, "nmae", "'nmae' is not a field here; check its spelling."),
    ],
)
def test_a_wrong_field_is_named_with_what_to_do(
    owner: Owner, change: dict[str, object], field: str, sentence: str
) -> None:
    answer = owner.ask("POST", "/webhooks", {"name": "ok", "sender": "github", **change})
    assert sentence in refused(answer, 422, "invalid_input")
    assert [mistake["field"] for mistake in answer.json["errors"]] == [field]
    assert owner.ask("GET", "/webhooks").json == {"webhooks": [], "next": None}


def test_every_mistake_is_told_at_once(owner: Owner) -> None:
    answer = owner.ask("POST", "/webhooks", {"hourly_limit": 0, "verify": "nowhere"})
    assert [mistake["field"] for mistake in answer.json["errors"]] == ["name", "hourly_limit", "verify"]
    assert "'name' is missing." in refused(answer, 422, "invalid_input")


@pytest.mark.parametrize("raw", [b"", b"nope", b"[]", b"\xff", b"[" * 60_000, b'{"name":"\\ud800"}'])
def test_a_body_that_is_no_json_object_is_refused(owner: Owner, raw: bytes) -> None:
    answer = owner.ask("POST", "/webhooks", raw=raw)
    assert refused(answer, 422, "invalid_input") == "The body must be one JSON object in UTF-8."


@pytest.mark.parametrize(
    "raw",
    [
        b'{"name": "one", "name": "two"}',
        b'{"name": "one", "\\u006eame": "one"}',
        b'{"name": "one", "parameters": {"a": "1", "b": "2", "a": "3"}}',
    ],
)
def test_a_name_that_stands_twice_is_refused(owner: Owner, raw: bytes) -> None:
    sentence = refused(owner.ask("POST", "/webhooks", raw=raw), 422, "invalid_input")
    assert sentence == "A name stands in the same object for the second time; only one of them can count."
    assert owner.ask("GET", "/webhooks").json == {"webhooks": [], "next": None}


def test_a_name_may_stand_in_several_objects(owner: Owner) -> None:
    spec = {"repo": "https://git.example/o/r", "targets": [{"name": "a"}, {"name": "a"}]}
    raw = f'{{"spec": {json.dumps(spec)[:-1]}, "paused": {"9" * 4000}, "x": [1e999, -0.5]}}}}'.encode()
    assert owner.ask("PUT", "/repos/infra/app", raw=raw).status == 201


def test_a_large_body_is_refused_in_both_encodings(owner: Owner) -> None:
    raw = b'{"name": "' + b"x" * 65_536 + b'"}'
    declared = owner.ask("POST", "/webhooks", raw=raw)
    assert "at most 65536 bytes" in refused(declared, 413, "body_too_large")
    chunked = owner.ask("POST", "/webhooks", raw=iter([raw[:65_530], raw[65_530:]]))
    assert refused(chunked, 413, "body_too_large")
    assert declared.headers["connection"] == "close"


def test_many_mistakes_make_a_short_answer(owner: Owner) -> None:
    answer = owner.ask("POST", "/webhooks", {f"field{number}" * 10: 1 for number in range(500)})
    refused(answer, 422, "invalid_input")
    assert len(answer.json["errors"]) == 10
    assert len(answer.raw) < 5000


def test_a_webhook_is_paused_described_and_limited_anew(owner: Owner) -> None:
    assert owner.webhook()["paused"] is False
    wish = {"paused": True, "description": "of the shop", "hourly_limit": 7}
    changed = owner.ask("PATCH", "/webhooks/github", wish)
    assert (changed.status, {name: changed.json[name] for name in wish}) == (200, wish)
    assert owner.ask("PATCH", "/webhooks/github", {"https_only": True}).json["paused"] is True
    assert owner.ask("PATCH", "/webhooks/github", {"paused": False}).json["paused"] is False
    refused(owner.ask("PATCH", "/webhooks/github", {"hourly_limit": 0}), 422, "invalid_input")
    refused(owner.ask("PATCH", "/webhooks/github", {"description": "a\nb"}), 422, "invalid_input")


def test_the_git_receiver_is_paused_likewise(owner: Owner) -> None:
    owner.webhook("git", "git")
    changed = owner.ask("PATCH", "/webhooks/git", {"paused": True, "hourly_limit": 9, "description": "all"})
    found = changed.json
    assert (found["paused"], found["hourly_limit"], found["description"]) == (True, 9, "all")


def test_the_hour_and_what_was_refused_are_shown(owner: Owner, redis_url: str) -> None:
    made = owner.webhook("github", hourly_limit=5)
    assert made["rate"] == {"used": 0, "limit": 5, "resets_at": None}
    assert made["refusals"] == {}
    store = SyncStore(redis_url)
    store.client.set(f"fleet:rate:{made['id']}", 3, ex=60)
    store.run(refusals.note("n", [Refused(made["id"], "limited", 2, clock_ms())], clock_ms()))
    store.close()
    for shown in (
        owner.ask("GET", "/webhooks/github").json,
        owner.ask("GET", "/webhooks").json["webhooks"][0],
    ):
        assert (shown["rate"]["used"], shown["rate"]["limit"]) == (3, 5)
        assert shown["rate"]["resets_at"].endswith("Z")
        assert shown["refusals"]["limited"]["count"] == 2
        assert shown["refusals"]["limited"]["last_at"].endswith("Z")
