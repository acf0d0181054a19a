"""Signatures checked at the door: the sender sees 401 at once, and a forger spends nothing."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives import hashes
from structlog.testing import capture_logs

from domain.secret import SigningSecret
from domain.vault import Vault
from domain.webhook import MAX_BODY_BYTES
from store import webhooks
from store.webhooks import seal_vault
from tests.ingress.test_handshakes import is_problem, signed
from tests.public_door import PUBLIC_URL, PublicDoor, now_ms, public_door
from tests.questions import mac
from tests.redis_contents import contents

SECRET = b"s3cRe7-s3cRe7-s3cRe7"
PUSH = {"X-GitHub-Event": "push"}


def checked(door: PublicDoor, **options) -> str:
    """The token of a webhook of GitHub whose signatures are checked at the door."""
    return door.webhook(sender="github", verify_at="ingress", **options)


def test_what_is_signed_is_accepted_and_what_is_not_is_refused_at_once(door: PublicDoor) -> None:
    token = checked(door, secrets=[b"older", SECRET])
    assert door.post(token, b"{}", signed("github", b"{}", SECRET, **PUSH)).status == 202
    for headers in (
        PUSH,
        signed("github", b"{}", b"wrong", **PUSH),
        signed("github", b"{ }", SECRET, **PUSH),
    ):
        answer = door.post(token, b"{}", headers)
        assert is_problem(answer, 401)
        assert answer.json["detail"] == "The request is not signed as this webhook demands."


@pytest.mark.parametrize("body", [b"", b"\xff" * MAX_BODY_BYTES])
def test_any_body_can_be_signed(door: PublicDoor, body: bytes) -> None:
    token = checked(door, secrets=[SECRET])
    assert door.post(token, body, signed("github", body, SECRET)).status == 202
    assert door.post(token, body, signed("github", body + b"x", SECRET)).status == 401


def test_a_forger_spends_nothing_and_leaves_nothing(door: PublicDoor) -> None:
    token = checked(door, secrets=[SECRET], hourly_limit=1)
    before = contents(door.store.client.execute_command)
    assert {door.post(token).status for _ in range(5)} == {401}
    assert contents(door.store.client.execute_command) == before
    assert door.post(token, b"{}", signed("github", b"{}", SECRET)).status == 202


def test_a_webhook_that_demands_signatures_and_has_no_secret_takes_nothing(door: PublicDoor) -> None:
    token = checked(door, required=True)
    assert is_problem(door.post(token, b"{}", signed("github", b"{}", SECRET)), 401)


def test_a_webhook_without_a_secret_that_demands_nothing_takes_everything(door: PublicDoor) -> None:
    assert door.post(checked(door)).status == 202


def test_the_reason_is_for_the_log_alone(door: PublicDoor) -> None:
    token = checked(door, secrets=[SECRET])
    with capture_logs() as logs:
        answers = [door.post(token, b"{}", signed("github", b"{}", b"wrong")) for _ in range(5)]
    assert all(b"wrong" not in answer.body for answer in answers)
    told = [line for line in logs if line["event"] == "sender_refused"]
    assert told == [
        {
            "event": "sender_refused",
            "log_level": "warning",
            "webhook": "whk_hook",
            "reason": "wrong_signature",
            "address": "127.0.0.1",
            "count": 1,
        }
    ]


def test_the_others_are_told_with_the_latest_reason(redis_url: str) -> None:
    with capture_logs() as logs, public_door(redis_url) as door:
        token = checked(door, secrets=[SECRET])
        for headers in ({}, {}, signed("github", b"{}", b"wrong")):
            assert door.post(token, b"{}", headers).status == 401
    told = [(line["reason"], line["count"]) for line in logs if line["event"] == "sender_refused"]
    assert told == [("missing_signature", 1), ("wrong_signature", 2)]


def test_a_secret_that_was_set_a_moment_ago_counts_at_every_door(door: PublicDoor, redis_url: str) -> None:
    token = checked(door, secrets=[b"older"])
    with public_door(redis_url) as second:
        both = (door, second)
        older, newer = (signed("github", b"{}", secret) for secret in (b"older", SECRET))
        assert {each.post(token, b"{}", older).status for each in both} == {202}
        door.set_secrets([SECRET])
        assert {each.post(token, b"{}", newer).status for each in both} == {202}
        assert {each.post(token, b"{}", older).status for each in both} == {401}


def test_an_old_secret_that_a_door_still_remembers_lets_nothing_in(door: PublicDoor) -> None:
    token = checked(door, secrets=[b"older"])
    older = signed("github", b"{}", b"older")
    assert door.post(token, b"{}", older).status == 202
    door.set_secrets([SECRET])
    assert door.post(token, b"{}", older).status == 401


def test_a_webhook_that_is_checked_from_now_on_is_checked_at_once(door: PublicDoor) -> None:
    token = door.webhook(sender="github", secrets=[SECRET])
    assert door.post(token).status == 202
    door.change(verify_at="ingress")
    assert door.post(token).status == 401


def test_a_deleted_webhook_is_not_there_rather_than_refused(door: PublicDoor) -> None:
    token = checked(door, secrets=[SECRET])
    assert door.post(token).status == 401
    assert door.store.run(webhooks.delete("gw_1", "whk_hook", now_ms()))
    assert door.post(token).status == 404


@pytest.mark.parametrize("sender", ["github", "slack"])
def test_a_spent_hour_is_told_and_no_signature_is_checked(door: PublicDoor, sender: str) -> None:
    token = door.webhook(sender=sender, verify_at="ingress", secrets=[SECRET], hourly_limit=1)
    headers = signed(sender, b"{}", SECRET)
    assert [door.post(token, b"{}", headers).status for _ in range(2)] == [202, 429]
    assert door.post(token, b"{}", PUSH).status == 429


def test_what_is_signed_with_the_address_is_checked_with_the_public_one(door: PublicDoor) -> None:
    token = door.webhook(sender="trello", secrets=[SECRET], verify_at="ingress")
    body = b"{}"
    for url, status in ((f"{PUBLIC_URL}/t/{token}", 202), (f"http://127.0.0.1:{door.port}/t/{token}", 401)):
        signature = b64encode(mac(SECRET, body + url.encode(), hashes.SHA1()))  # noqa: S303 - Trello's choice
        assert door.post(token, body, {"X-Trello-Webhook": signature.decode()}).status == status


def test_a_parameter_of_the_owner_changes_what_is_checked(door: PublicDoor) -> None:
    parameters = {"header": "X-Mine", "algorithm": "sha512", "encoding": "base64"}
    token = door.webhook(secrets=[SECRET], verify_at="ingress", parameters=parameters)
    signature = b64encode(mac(SECRET, b"{}", hashes.SHA512())).decode()
    assert door.post(token, b"{}", {"X-Mine": signature}).status == 202
    assert door.post(token, b"{}", {"X-Signature": signature}).status == 401


def test_a_secret_that_has_ended_lets_nothing_in(door: PublicDoor) -> None:
    token = checked(door)
    ended = Vault((SigningSecret("sec_ended", SECRET, 1, expires_at=now_ms() - 1),))
    door.change(sealed_secrets=seal_vault(door.sealer, "gw_1", "whk_hook", ended, now_ms()))
    assert door.post(token, b"{}", signed("github", b"{}", SECRET)).status == 401
    assert door.post(token).status == 401


def test_a_signature_of_yesterday_is_refused(door: PublicDoor) -> None:
    token = door.webhook(sender="slack", secrets=[SECRET], verify_at="ingress")
    headers = signed("slack", b"{}", SECRET)
    old = {**headers, "x-slack-request-timestamp": str(now_ms() // 1000 - 86_400)}
    assert [door.post(token, b"{}", each).status for each in (headers, old)] == [202, 401]


@pytest.mark.parametrize(
    "sender", ["slack", "stripe", "custom", "discord", "twitch", "line", "mailgun", "square"]
)
@pytest.mark.parametrize("body", [b"[" * 100_000, b"\xff\x00", b"", b'{"signature":' * 50_000])
def test_bad_input_is_refused_by_every_kind_of_scheme(door: PublicDoor, sender: str, body: bytes) -> None:
    token = door.webhook(sender=sender, secrets=[b"0" * 64], verify_at="ingress")
    timestamp = "1" + "0" * 30
    headers = {
        "X-Slack-Signature": "v0=" + "0" * 64,
        "X-Slack-Request-Timestamp": timestamp,
        "Stripe-Signature": f"t={timestamp}" + ",v1=00" * 1000,
        "X-Signature": "sha256=" + "0," * 3000,
        "X-Signature-Ed25519": "0" * 128,
        "X-Signature-Timestamp": timestamp,
    }
    assert is_problem(door.post(token, body, headers), 401)
