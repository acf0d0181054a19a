"""Samples over the control API: ready to be sent, signed with a secret that no answer tells."""

from base64 import b64decode, b64encode
from typing import Any
from urllib.parse import urlsplit

import pytest

from domain.event import Request
from domain.senders import SENDERS, Site, describe, verify
from domain.senders.samples import SAMPLES
from domain.senders.trial import TRIAL_MS
from store import webhooks
from store.connect import SyncStore
from store.sealing import Sealer
from store.tokens import hashed
from tests.documents import examples
from tests.owner_door import PUBLIC_URL, RING, Answer, Owner, clock_ms, new_gateway
from tests.vaults import secrets_in

SECRET = "5c1e4b0f-a-secret-of-its-owner"
PUBLIC_KEY = "3b" * 32


@pytest.fixture
def owner(address: str, redis_url: str) -> Owner:
    return Owner(address, new_gateway(redis_url, "home")[1])


def hook(owner: Owner, sender: str, secret: str | None = SECRET, **more: object) -> str:
    """A webhook of a sender, by its name, with a secret."""
    owner.webhook("hook", sender, **more)
    if secret is not None:
        assert owner.ask("PUT", "/webhooks/hook/secret", {"secret": secret, "exact": True}).status == 200
    return "hook"


def ask(owner: Owner, event: str, **wish: object) -> Answer:
    return owner.ask("POST", "/webhooks/hook/samples", {"event": event, **wish})


def sample_of(owner: Owner, event: str, **wish: object) -> Any:
    answer = ask(owner, event, **wish)
    assert answer.status == 201, answer.raw
    return answer.json


def request_in(sample: Any) -> Request:
    headers = tuple((name.encode(), value.encode()) for name, value in sample["headers"])
    query = urlsplit(sample["url"]).query.encode()
    return Request(sample["method"], b"", query, headers, b64decode(sample["body"]))


def live_secrets(redis_url: str, sample: Any, at_ms: int | None = None) -> tuple[bytes, ...]:
    store = SyncStore(redis_url)
    stored = store.run(webhooks.by_token(hashed(urlsplit(sample["url"]).path.rsplit("/", 1)[1])))
    store.close()
    assert stored is not None
    return secrets_in(Sealer(RING, bytes), stored, at_ms or clock_ms())


def test_it_is_signed_with_the_secret_of_the_webhook_and_tells_nothing_of_it(owner: Owner) -> None:
    hook(owner, "github")
    answer = ask(owner, "push", sender="github")
    sample = answer.json
    assert sample["url"].startswith(f"{PUBLIC_URL}/t/")
    assert (sample["method"], sample["event"], sample["signed_by"]) == ("POST", "push", "github-sha256")
    assert (sample["expect"], sample["because"], sample["again"]) == ("accepted", None, "accepted")
    request = request_in(sample)
    assert verify(SENDERS["github"], request, [SECRET.encode()], clock_ms()).ok
    assert describe(SENDERS["github"], request).event_id == sample["event_id"]
    assert sample.keys() == examples("docs/api.md")[1].keys()
    assert SECRET.encode() not in answer.raw
    assert answer.headers["cache-control"] == "no-store"


def test_each_is_a_new_event(owner: Owner) -> None:
    hook(owner, "stripe")
    one, other = (sample_of(owner, "invoice.paid") for _ in range(2))
    assert one["event_id"] != other["event_id"]
    assert one["again"] == other["again"] == "duplicate"


def test_what_is_no_sample_is_made_of_one(owner: Owner) -> None:
    hook(owner, "github")
    assert sample_of(owner, "star")["event"] == "star"


def test_what_a_sender_cannot_say_is_refused_with_what_it_can(owner: Owner) -> None:
    hook(owner, "asana", None)
    refused = ask(owner, "x")
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "event")
    known = ", ".join(sample.event for sample in SAMPLES["asana"])
    assert refused.json["detail"] == f"Asana has no way to say 'x'. Choose one of these: {known}."


def test_a_bad_signature_is_one_of_a_secret_that_nobody_has(owner: Owner, redis_url: str) -> None:
    hook(owner, "github")
    sample = sample_of(owner, "push", bad_signature=True)
    assert (sample["expect"], sample["decided_by"]) == ("rejected", "workers")
    assert (sample["because"], sample["signed_by"]) == ("wrong_signature", "github-sha256")
    assert live_secrets(redis_url, sample) == (SECRET.encode(),)


def test_a_replay_was_signed_too_long_ago(owner: Owner) -> None:
    hook(owner, "slack")
    sample = sample_of(owner, "message", replay=True)
    assert (sample["expect"], sample["because"]) == ("rejected", "too_old")
    request = request_in(sample)
    assert verify(SENDERS["slack"], request, [SECRET.encode()], clock_ms() - 360_000).ok


def test_where_no_time_is_signed_there_is_no_replay(owner: Owner) -> None:
    hook(owner, "github")
    answer = ask(owner, "push", replay=True)
    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
    assert "--duplicate" in answer.json["detail"]


def test_without_a_secret_it_goes_unsigned(owner: Owner) -> None:
    hook(owner, "github", None)
    sample = sample_of(owner, "push")
    assert (sample["signed_by"], sample["expect"], sample["because"]) == (None, "accepted", None)
    assert "x-hub-signature-256" not in dict(sample["headers"])
    refused = ask(owner, "push", bad_signature=True)
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "bad_signature")
    assert "fleet webhooks set-secret hook" in refused.json["detail"]


def test_where_a_signature_is_demanded_and_no_secret_is_set_it_is_said_to_be_rejected(owner: Owner) -> None:
    hook(owner, "stripe", None, require_signature=True)
    sample = sample_of(owner, "invoice.paid")
    assert (sample["signed_by"], sample["expect"], sample["because"]) == (None, "rejected", "no_secret")


def test_the_sender_has_to_be_that_of_the_webhook(owner: Owner) -> None:
    hook(owner, "github")
    answer = ask(owner, "push", sender="gitlab")
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "sender")
    assert answer.json["detail"] == (
        "Webhook hook is one of github, not of gitlab: choose a webhook of gitlab."
        " If GitLab calls this one: 'fleet webhooks update hook --sender gitlab'."
    )


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({}, "event"),
        ({"event": ""}, "event"),
        ({"event": "x" * 101}, "event"),
        ({"event": "a\nb"}, "event"),
        ({"event": "push", "sender": "nobody"}, "sender"),
        ({"event": "push", "trial_key": "yes"}, "trial_key"),
        ({"event": "push", "bad_signature": True, "replay": True}, "replay"),
        ({"event": "push", "secret": "mine"}, "secret"),
    ],
)
def test_what_cannot_be_wished_is_refused_with_the_field(
    owner: Owner, wish: dict[str, object], field: str
) -> None:
    hook(owner, "github")
    answer = owner.ask("POST", "/webhooks/hook/samples", wish)
    assert answer.status == 422
    assert [each["field"] for each in answer.json["errors"]] == [field]


# --- what we cannot sign with


@pytest.mark.parametrize(
    ("sender", "event"),
    [
        ("gitlab", "Push Hook"),
        ("telegram", "message"),
        ("azure-devops", "git.push"),
        ("okta", "user.session.start"),
        ("microsoft-graph", "created"),
        ("cloudflare", "http_alert_origin_error"),
    ],
)
def test_a_secret_that_would_come_along_is_told_to_nobody(owner: Owner, sender: str, event: str) -> None:
    hook(owner, sender)
    refused = ask(owner, event)
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "trial_key")
    assert "--trial-key" in refused.json["detail"]


def test_with_a_trial_key_another_secret_counts_for_a_minute(owner: Owner, redis_url: str) -> None:
    hook(owner, "gitlab")
    answer = ask(owner, "Push Hook", trial_key=True)
    sample = answer.json
    assert (sample["signed_by"], sample["expect"]) == ("gitlab-token", "accepted")
    current, trial = live_secrets(redis_url, sample)
    assert current == SECRET.encode()
    assert dict(sample["headers"])["x-gitlab-token"].encode() == trial
    assert live_secrets(redis_url, sample, clock_ms() + TRIAL_MS) == (current,)
    for text in (SECRET.encode(), b64encode(SECRET.encode())):
        assert text not in answer.raw
    [newest, second] = owner.ask("GET", "/webhooks/hook").json["secrets"]
    assert newest["expires_at"] is None
    assert second["expires_at"] is not None


@pytest.mark.parametrize(
    ("sender", "event", "wish"),
    [
        ("gitlab", "Push Hook", {}),
        ("discord", "ENTITLEMENT_CREATE", {}),
        ("discord", "ENTITLEMENT_CREATE", {"bad_signature": True}),
    ],
)
def test_a_trial_key_is_never_the_only_secret_of_a_webhook(
    owner: Owner, sender: str, event: str, wish: dict[str, object]
) -> None:
    hook(owner, sender, None, require_signature=sender == "discord")
    refused = ask(owner, event, trial_key=True, **wish)
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "trial_key")
    way = {"gitlab": "rotate-secret hook' makes one.", "discord": "set-secret hook' stores one."}[sender]
    assert f"counts beside one: 'fleet webhooks {way}" in refused.json["detail"]
    assert owner.ask("GET", "/webhooks/hook").json["secrets"] == []


def test_who_signs_nothing_has_no_trial_key(owner: Owner) -> None:
    hook(owner, "docker-hub", None)
    refused = ask(owner, "push", trial_key=True)
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "trial_key")
    assert refused.json["detail"].startswith("Docker Hub signs nothing")


def test_a_public_key_needs_a_trial_key_whose_private_half_is_never_kept(
    owner: Owner, redis_url: str
) -> None:
    hook(owner, "discord", PUBLIC_KEY)
    refused = ask(owner, "ENTITLEMENT_CREATE")
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "trial_key")
    assert "private key" in refused.json["detail"]
    sample = sample_of(owner, "ENTITLEMENT_CREATE", trial_key=True)
    current, trial = live_secrets(redis_url, sample)
    assert current == PUBLIC_KEY.encode()
    request = request_in(sample)
    assert verify(SENDERS["discord"], request, [trial], clock_ms()).ok
    assert not verify(SENDERS["discord"], request, [current], clock_ms()).ok


def test_a_bad_signature_needs_no_trial_key(owner: Owner, redis_url: str) -> None:
    hook(owner, "discord", PUBLIC_KEY)
    sample = sample_of(owner, "ENTITLEMENT_CREATE", bad_signature=True)
    assert sample["because"] == "wrong_signature"
    assert live_secrets(redis_url, sample) == (PUBLIC_KEY.encode(),)


def test_the_address_is_signed_as_the_sender_knows_it(owner: Owner) -> None:
    hook(owner, "square")
    sample = sample_of(owner, "payment.created")
    site = Site(sample["url"])
    assert verify(SENDERS["square"], request_in(sample), [SECRET.encode()], clock_ms(), site).ok
    assert not verify(
        SENDERS["square"], request_in(sample), [SECRET.encode()], clock_ms(), Site(f"{PUBLIC_URL}/t/other")
    ).ok


def test_a_sender_that_signs_nothing_is_imitated_without(owner: Owner) -> None:
    hook(owner, "docker-hub", None)
    sample = sample_of(owner, "push")
    assert (sample["event"], sample["event_id"], sample["signed_by"]) == ("", None, None)
