"""Handshakes over real HTTP: answered at once, nothing queued, nothing counted."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from structlog.testing import capture_logs

from domain.event import Request
from domain.secret import SigningSecret
from domain.senders import SENDERS, sign
from domain.vault import Vault
from store.sealing import KeyRing, Sealer
from store.webhooks import seal_vault
from tests.public_door import Answer, PublicDoor, now_ms, public_door
from tests.questions import mac
from tests.redis_contents import contents

SECRET = b"s3cRe7-s3cRe7-s3cRe7"
HOOK_SECRET = "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81"
PING = {"X-GitHub-Event": "ping"}
DISCORD_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
DISCORD_PUBLIC = DISCORD_KEY.public_key().public_bytes_raw().hex().encode()


def signed(sender: str, body: bytes, secret: bytes, **headers: str) -> dict[str, str]:
    """The headers by which a sender vouches for a body, now."""
    request = Request("POST", b"", b"", (), body)
    made = sign(SENDERS[sender], request, secret, now_ms()).headers
    return headers | {name.decode(): value.decode() for name, value in made}


def discord(body: bytes) -> dict[str, str]:
    timestamp = b"%d" % (now_ms() // 1000)
    signature = DISCORD_KEY.sign(timestamp + body).hex()
    return {"X-Signature-Timestamp": timestamp.decode(), "X-Signature-Ed25519": signature}


def secrets_of(door: PublicDoor, name: str = "hook") -> list[bytes]:
    return [each.value for each in door.vault(name).secrets]


def is_problem(answer: Answer, status: int) -> bool:
    return answer.status == status and answer.headers["content-type"] == "application/problem+json"


def test_a_challenge_in_the_query_is_echoed_as_text_and_never_as_a_page(door: PublicDoor) -> None:
    token = door.webhook(sender="dropbox", secrets=[SECRET])
    answer = door.request("GET", f"/t/{token}?challenge=%3Cb%3Eabc%20123")
    assert (answer.status, answer.body) == (200, b"<b>abc 123")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_challenge_in_a_header_is_echoed_as_json(door: PublicDoor) -> None:
    token = door.webhook(sender="okta")
    answer = door.request("GET", f"/t/{token}", headers={"X-Okta-Verification-Challenge": "abc"})
    assert (answer.status, answer.json) == (200, {"verification": "abc"})
    assert answer.headers["content-type"] == "application/json"


def test_a_token_in_the_query_of_a_post_is_echoed_decoded(door: PublicDoor) -> None:
    token = door.webhook(sender="microsoft-graph")
    answer = door.post(f"{token}?validationToken=Validation%3a+Testing+client", b"")
    assert (answer.status, answer.body) == (200, b"Validation: Testing client")


def test_who_asks_for_the_head_only_gets_the_head_only(door: PublicDoor) -> None:
    token = door.webhook(sender="trello")
    answer = door.request("HEAD", f"/t/{token}")
    assert (answer.status, answer.body) == (200, b"")


def test_a_challenge_on_a_longer_path_is_the_same_challenge(door: PublicDoor) -> None:
    token = door.webhook(sender="dropbox")
    assert door.request("GET", f"/t/{token}/a%2Fb?challenge=abc").body == b"abc"


@pytest.mark.parametrize(
    ("sender", "method", "path", "headers"),
    [
        ("custom", "GET", "?challenge=abc", {}),
        ("dropbox", "GET", "", {}),
        ("dropbox", "GET", "?challenge=%0D%0Aa:%20b", {}),
        ("dropbox", "HEAD", "?challenge=abc", {}),
        ("dropbox", "PUT", "?challenge=abc", {}),
        ("dropbox", "GET", "?challenge=abc", {"Content-Length": "3"}),
        ("dropbox", "GET", "?challenge=abc", {"Transfer-Encoding": "chunked"}),
        ("trello", "GET", "", {}),
        ("okta", "GET", "", {"X-Okta-Verification-Challenge": ""}),
        ("slack", "GET", "?ssl_check=2", {}),
    ],
)
def test_what_is_no_handshake_has_to_be_posted(
    door: PublicDoor, sender: str, method: str, path: str, headers: dict[str, str]
) -> None:
    token = door.webhook(sender=sender)
    answer = door.request(method, f"/t/{token}{path}", headers=headers)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_a_handshake_changes_nothing_in_redis(door: PublicDoor) -> None:
    github = door.webhook("github", "github", [SECRET], hourly_limit=1)
    dropbox = door.webhook("dropbox", "dropbox")
    before = contents(door.store.client.execute_command)
    assert door.post(github, b"{}", signed("github", b"{}", SECRET, **PING)).status == 200
    assert door.post(github, b"{}", signed("github", b"{}", b"wrong", **PING)).status == 401
    assert door.request("GET", f"/t/{dropbox}?challenge=abc").status == 200
    assert contents(door.store.client.execute_command) == before


def test_githubs_ping_tells_at_once_whether_the_secret_is_right(door: PublicDoor) -> None:
    token = door.webhook("set", "github", [b"older", SECRET])
    assert door.post(token, b"{}", signed("github", b"{}", SECRET, **PING)).status == 200
    assert is_problem(door.post(token, b"{}", signed("github", b"{}", b"wrong", **PING)), 401)
    assert is_problem(door.post(token, b"{}", PING), 401)
    assert door.post(door.webhook("unset", "github"), b"{}", PING).status == 200


def test_a_refused_handshake_is_told_in_the_log_and_not_to_the_sender(door: PublicDoor) -> None:
    token = door.webhook(sender="github", secrets=[SECRET])
    with capture_logs() as logs:
        answers = [door.post(token, b"{}", PING) for _ in range(5)]
    assert {answer.json["detail"] for answer in answers} == {
        "The request is not signed as this webhook demands."
    }
    [told] = [line for line in logs if line["event"] == "sender_refused"]
    assert (told["webhook"], told["reason"], told["count"]) == ("whk_hook", "missing_signature", 1)


def test_discord_is_answered_and_its_wrong_signatures_are_noticed(door: PublicDoor) -> None:
    token = door.webhook(sender="discord", secrets=[DISCORD_PUBLIC], verify_at="ingress")
    ping, other = b'{"type": 1}', b'{"version": 1, "type": 0, "application_id": "1"}'
    answer = door.post(token, ping, discord(ping))
    assert (answer.status, answer.json) == (200, {"type": 1})
    assert answer.headers["content-type"] == "application/json"
    empty = door.post(token, other, discord(other))
    assert (empty.status, empty.body, empty.headers["content-type"]) == (204, b"", "application/json")
    assert "content-length" not in empty.headers
    assert is_problem(door.post(token, ping, discord(other)), 401)
    assert is_problem(door.post(token, ping), 401)
    event = b'{"type": 2}'
    assert door.post(token, event, discord(event)).status == 202
    assert is_problem(door.post(token, event, discord(ping)), 401)


def test_a_connection_goes_on_after_an_answer_without_content(door: PublicDoor) -> None:
    token = door.webhook(sender="discord", secrets=[DISCORD_PUBLIC])
    body = b'{"type": 0}'
    connection = door.connection()
    for _ in range(2):
        connection.request("POST", f"/t/{token}", body, discord(body))
        response = connection.getresponse()
        assert (response.status, response.read()) == (204, b"")
    connection.close()


def test_zoom_hears_what_only_the_owner_of_the_secret_can_compute(door: PublicDoor) -> None:
    token = door.webhook(sender="zoom", secrets=[b"older", SECRET])
    body = json.dumps({"event": "endpoint.url_validation", "payload": {"plainToken": "abc"}}).encode()
    answer = door.post(token, body, signed("zoom", body, SECRET))
    assert answer.json == {"plainToken": "abc", "encryptedToken": mac(SECRET, b"abc").hex()}


def test_a_spent_hour_keeps_no_handshake_out(door: PublicDoor) -> None:
    token = door.webhook(sender="github", hourly_limit=1)
    assert [door.post(token).status for _ in range(3)] == [202, 429, 429]
    assert door.post(token, b"{}", PING).status == 200
    assert door.post(token, b"{}", {"X-GitHub-Event": "push"}).status == 429
    chunked = {**PING, "Transfer-Encoding": "chunked"}
    assert door.request("POST", f"/t/{token}", iter([b"{}"]), chunked, encode_chunked=True).status == 429
    assert door.post(token, b" " * 16 * 1024 + b"{}", PING).status == 429


def test_who_may_send_holds_for_handshakes(door: PublicDoor) -> None:
    closed = door.webhook("closed", "dropbox", allow_ips=["192.0.2.7"])
    plain = door.webhook("plain", "github", https_only=True)
    assert is_problem(door.request("GET", f"/t/{closed}?challenge=abc"), 403)
    assert is_problem(door.post(plain, b"{}", PING), 403)


def test_a_remembered_webhook_answers_without_redis(
    door: PublicDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = door.webhook(sender="dropbox")
    assert door.request("GET", f"/t/{token}?challenge=1").body == b"1"
    monkeypatch.setattr("store.connect.AsyncStore.run", None)
    assert door.request("GET", f"/t/{token}?challenge=2").body == b"2"


def test_a_secret_that_was_set_a_moment_ago_counts(door: PublicDoor) -> None:
    token = door.webhook(sender="github", secrets=[b"older"])
    headers = signed("github", b"{}", SECRET, **PING)
    assert door.post(token, b"{}", headers).status == 401
    door.set_secrets([SECRET])
    assert door.post(token, b"{}", headers).status == 200


def test_secrets_that_cannot_be_opened_ask_to_come_again_and_are_told_once(door: PublicDoor) -> None:
    token = door.webhook(sender="github")
    foreign = Sealer(KeyRing({b"0002": bytes(32)}, b"0002"), bytes)
    door.set_secrets([SECRET], sealer=foreign)
    with capture_logs() as logs:
        answers = [door.post(token, b"{}", PING) for _ in range(3)]
    assert {(answer.status, answer.headers["retry-after"]) for answer in answers} == {(503, "30")}
    [told] = [line for line in logs if line["event"] == "webhook_unusable"]
    assert (told["webhook"], told["times"]) == ("whk_hook", 1)
    assert door.post(token).status == 202


def test_asana_hands_over_its_secret_and_the_next_event_counts(door: PublicDoor) -> None:
    token = door.webhook(sender="asana", verify_at="ingress", required=True)
    event = b'{"events": []}'
    assert door.post(token, event, signed("asana", event, HOOK_SECRET.encode())).status == 401
    answer = door.post(token, b"", {"X-Hook-Secret": HOOK_SECRET})
    assert (answer.status, answer.headers["x-hook-secret"]) == (200, HOOK_SECRET)
    assert secrets_of(door) == [HOOK_SECRET.encode()]
    assert door.post(token, event, signed("asana", event, HOOK_SECRET.encode())).status == 202
    assert door.post(token, event, signed("asana", event, b"wrong")).status == 401


def test_a_captured_secret_is_never_replaced_by_a_handshake(door: PublicDoor) -> None:
    token = door.webhook(sender="asana")
    assert door.post(token, b"", {"X-Hook-Secret": HOOK_SECRET}).status == 200
    answer = door.post(token, b"", {"X-Hook-Secret": "another"})
    assert answer.status == 202
    assert "x-hook-secret" not in answer.headers
    assert secrets_of(door) == [HOOK_SECRET.encode()]


def test_a_door_that_remembers_no_secret_replaces_none(door: PublicDoor, redis_url: str) -> None:
    token = door.webhook(sender="asana", verify_at="ingress")
    event = b'{"events": []}'
    with public_door(redis_url) as second:
        assert [each.post(token, event).status for each in (door, second)] == [202, 202]
        assert door.post(token, b"", {"X-Hook-Secret": HOOK_SECRET}).status == 200
        assert "x-hook-secret" not in second.post(token, b"", {"X-Hook-Secret": "another"}).headers
        assert second.post(token, event, signed("asana", event, HOOK_SECRET.encode())).status == 202
    assert secrets_of(door) == [HOOK_SECRET.encode()]


def test_of_secrets_that_come_at_the_same_time_one_is_kept(door: PublicDoor) -> None:
    token = door.webhook(sender="asana")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: door.post(token, b"", {"X-Hook-Secret": f"secret-{n}"}), range(16)))
    [kept] = [answer.headers["x-hook-secret"] for answer in answers if answer.status == 200]
    assert secrets_of(door) == [kept.encode()]
    assert {answer.status for answer in answers} <= {200, 202, 503}


def test_a_handshake_whose_answer_was_lost_is_answered_again(door: PublicDoor) -> None:
    token = door.webhook(sender="asana")
    for _ in range(2):
        answer = door.post(token, b"", {"X-Hook-Secret": HOOK_SECRET})
        assert (answer.status, answer.headers["x-hook-secret"]) == (200, HOOK_SECRET)
    assert secrets_of(door) == [HOOK_SECRET.encode()]
    assert "x-hook-secret" not in door.post(token, b"", {"X-Hook-Secret": HOOK_SECRET[:-1]}).headers


def test_a_captured_secret_can_be_revealed_and_leaves_the_parameters_alone(door: PublicDoor) -> None:
    token = door.webhook(sender="asana", parameters={})
    door.post(token, b"", {"X-Hook-Secret": HOOK_SECRET})
    vault = door.vault()
    assert vault.revealable == vault.secrets[0].id
    assert vault.secrets[0].expires_at is None


def test_a_secret_that_has_ended_is_not_replaced_either(door: PublicDoor) -> None:
    token = door.webhook(sender="asana")
    ended = Vault((SigningSecret("sec_ended", b"ended", 1, expires_at=now_ms() - 1),))
    door.change(sealed_secrets=seal_vault(door.sealer, "gw_1", "whk_hook", ended, now_ms()))
    assert door.post(token, b"", {"X-Hook-Secret": HOOK_SECRET}).status == 202
    assert secrets_of(door) == [b"ended"]


def test_meta_is_told_its_challenge_for_the_token_of_the_owner(door: PublicDoor) -> None:
    token = door.webhook(sender="meta", parameters={"verify_token": "meatyhamhock"})
    query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
    answer = door.request("GET", f"/t/{token}?{query}meatyhamhock")
    assert (answer.status, answer.body) == (200, b"1158201444")
    with capture_logs() as logs:
        assert is_problem(door.request("GET", f"/t/{token}?{query}other"), 403)
        unset = door.webhook("unset", "meta")
        assert is_problem(door.request("GET", f"/t/{unset}?{query}"), 403)
    reasons = [line["reason"] for line in logs if line["event"] == "sender_refused"]
    assert reasons == ["wrong_verify_token", "no_verify_token"]


def test_vercel_finds_its_code_in_the_answer_to_every_event(door: PublicDoor) -> None:
    token = door.webhook(sender="vercel", parameters={"verify_token": "a1b2"})
    check, event = door.request("GET", f"/t/{token}"), door.post(token)
    assert [(each.status, each.headers["x-vercel-verify"]) for each in (check, event)] == [(200, "a1b2")] * 2
    assert event.json["id"].startswith("evt_")
    assert "ratelimit" in event.headers
    unset = door.webhook("unset", "vercel")
    assert [door.request("GET", f"/t/{unset}").status, door.post(unset).status] == [405, 202]


def test_parameters_that_do_not_fit_ask_to_come_again_and_are_told_once(door: PublicDoor) -> None:
    token = door.webhook(sender="github", parameters={"nonsense": "1"})
    with capture_logs() as logs:
        answers = [door.post(token, b"{}", PING) for _ in range(3)]
    assert {(answer.status, answer.headers["retry-after"]) for answer in answers} == {(503, "30")}
    assert len([line for line in logs if line["event"] == "webhook_unusable"]) == 1


def test_notion_hands_over_its_secret_in_the_body(door: PublicDoor) -> None:
    token = door.webhook(sender="notion")
    body = json.dumps({"verification_token": HOOK_SECRET}).encode()
    assert is_problem(door.post(token, body, signed("notion", body, b"another")), 401)
    assert secrets_of(door) == []
    answer = door.post(token, body, signed("notion", body, HOOK_SECRET.encode()))
    assert (answer.status, answer.body) == (200, b"")
    assert secrets_of(door) == [HOOK_SECRET.encode()]


@pytest.mark.parametrize("sender", ["slack", "discord", "zoom", "line", "notion", "intercom", "github"])
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"type":' * 100_000,
        b'{"type":1,"events":[],"topic":"ping","verification_token":"a","event":' + b"[" * 100_000,
        b'{"type":1,"events":[],"topic":"ping","event":"endpoint.url_validation","x":' + b"[" * 10_000,
        b'{"type":1,"type":"url_verification","challenge":"\xff"}',
        b'{"type":1' + b"0" * 10_000 + b"}",
    ],
    ids=["deep list", "deep object", "large and deep", "small and deep", "invalid UTF-8", "a huge number"],
)
def test_bodies_made_to_break_the_door_are_events(door: PublicDoor, sender: str, body: bytes) -> None:
    token = door.webhook(sender=sender)
    assert door.post(token, body).status == 202


def test_repeated_headers_and_queries_are_no_handshake(door: PublicDoor) -> None:
    asana, dropbox = door.webhook("asana", "asana"), door.webhook("dropbox", "dropbox")
    lines = ["Host: h", "X-Hook-Secret: a", "X-Hook-Secret: b", "Content-Length: 0"]
    head = "\r\n".join([f"POST /t/{asana} HTTP/1.1", *lines, "", ""])
    with socket.create_connection(("127.0.0.1", door.port), 20) as connection:
        connection.sendall(head.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 202 ")
    assert secrets_of(door, "asana") == []
    assert door.request("GET", f"/t/{dropbox}?challenge=a&challenge=b").status == 405
    assert door.request("GET", f"/t/{dropbox}?challenge={'a' * 1001}").status == 405
    assert door.request("GET", f"/t/{dropbox}?challenge=a{'&b=c' * 4000}").status == 405


def test_where_the_private_side_verifies_who_asks_is_answered_without_a_secret(door: PublicDoor) -> None:
    token = door.webhook(sender="github", verify_at="local")
    ping = {**PING, "X-Hub-Signature-256": "sha256=00"}
    assert door.post(token, b"{}", ping).status == 200
    assert (
        door.post(token, b"{}", {"X-GitHub-Event": "push", "X-Hub-Signature-256": "sha256=00"}).status == 202
    )
    assert secrets_of(door) == []
