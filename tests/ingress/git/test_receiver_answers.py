"""What a Git receiver answers, and in which order it looks at things."""

import socket
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from domain.webhook import MAX_BODY_BYTES
from store import webhooks
from tests.git_receiver import Place, place_in
from tests.git_shots import NEW, PROVIDERS, Shot, push, shot
from tests.ingress.test_handshakes import is_problem
from tests.public_door import PublicDoor, now_ms, public_door
from tests.redis_contents import contents

SECRET = "s3cRe7-s3cRe7"
NOTHING = {"matched": [], "updated": [], "ignored": []}


@pytest.fixture
def watched(place: Place) -> Place:
    """A receiver with one repo, for whose pushes a Secret vouches whatever the provider."""
    place.secret(
        **{provider.replace("-", "_"): SECRET.encode() for provider in PROVIDERS if provider != "azure"},
        azure_username=b"hook",
        azure_password=SECRET.encode(),
    )
    place.repo()
    return place


# --- what concerns no repo


@pytest.mark.parametrize("body", [b"", b'{"zen": "Design for failure."}', b"no JSON"])
def test_a_ping_is_answered_without_any_credential(watched: Place, body: bytes) -> None:
    answer = watched.send(Shot("github", body, {"x-github-event": "ping"}))
    assert (answer.status, answer.json) == (200, NOTHING)


@pytest.mark.parametrize(
    "headers", [{}, {"X-Event": "push"}, {"X-GitHub-Event": ""}, {"User-Agent": "GitHub-Hookshot"}]
)
def test_a_host_that_we_do_not_know_is_answered_and_nothing_is_done(
    watched: Place, headers: dict[str, str]
) -> None:
    before = contents(watched.door.store.client.execute_command)
    with capture_logs() as logs:
        answer = watched.send(Shot("", push().vouched(SECRET).body, headers))
    assert (answer.status, answer.json) == (200, NOTHING)
    assert contents(watched.door.store.client.execute_command) == before
    assert [line["event"] for line in logs] == ["git_provider_unknown"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_push_to_another_repository_leaves_nothing_and_spends_nothing(
    watched: Place, provider: str
) -> None:
    elsewhere = push(provider, "https://git.example.com/o/r-suffix", "git@git.example.com:o/r-suffix.git")
    before = contents(watched.door.store.client.execute_command)
    for sent in (elsewhere, elsewhere.vouched(SECRET), elsewhere.vouched("wrong")):
        answer = watched.send(sent)
        assert (answer.status, answer.json) == (200, NOTHING)
        assert "ratelimit" not in answer.headers
    assert contents(watched.door.store.client.execute_command) == before


@pytest.mark.parametrize(
    ("provider", "label"),
    [
        ("github", {"X_GitHub_Event": "create"}),
        ("gogs", {"X_Gogs_Event": "create"}),
        ("gitea", {"X_Gitea_Event": "issues"}),
        ("gitlab", {"X_Gitlab_Event": "System Hook"}),
        ("gitlab", {"X_Gitlab_Event": "Merge Request Hook"}),
        ("bitbucket", {"X_Event_Key": "repo:fork"}),
        ("bitbucket-server", {"X_Event_Key": "mirror:repo_synchronized"}),
    ],
)
def test_another_event_of_a_repo_is_ignored(watched: Place, provider: str, label: dict[str, str]) -> None:
    answer = watched.send(push(provider).saying(**label).vouched(SECRET))
    assert (answer.status, answer.json["updated"]) == (200, [])
    assert answer.json["matched"] == answer.json["ignored"]
    assert watched.status().webhook_commit == ""
    assert watched.events() == []


def test_another_event_of_azure_is_ignored(watched: Place) -> None:
    built = shot("azure", {"eventType": "build.complete", "resource": {"id": 1}})
    answer = watched.send(built.vouched(SECRET))
    assert (answer.status, answer.json) == (200, NOTHING)


def test_the_test_button_of_a_bitbucket_server_is_answered(watched: Place) -> None:
    tested = Shot("bitbucket-server", b'{"test": true}', {"X-Event-Key": "diagnostics:ping"})
    assert watched.send(tested).json == NOTHING


# --- what cannot be read


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"a":' * 100_000, b"{}"]
)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_cannot_be_read_is_told_in_a_sentence(watched: Place, provider: str, body: bytes) -> None:
    sent = Shot(provider, body, push(provider).headers).vouched(SECRET)
    answer = watched.send(sent)
    if provider == "azure" and body == b"{}":
        # It does not even say that it is a push.
        assert answer.status in {200, 400}
        return
    assert is_problem(answer, 400)
    assert answer.json["detail"].endswith(".")


def padded(value: bytes, count: int) -> Shot:
    """A push with so many further values, which mean nothing."""
    more = b', "more": [' + b",".join([value] * count) + b"]}"
    return replace(push(), body=push().body.removesuffix(b"}") + more).vouched(SECRET)


@pytest.mark.parametrize(
    ("value", "most"), [(b"1", 99_900), (b"[]", 49_900), (b"{}", 49_900), (b"[" * 400 + b"]" * 400, 240)]
)
def test_a_body_that_would_take_long_to_read_is_refused(watched: Place, value: bytes, most: int) -> None:
    assert watched.send(padded(value, most)).status == 200
    answer = watched.send(padded(value, most * 2))
    assert is_problem(answer, 400)
    assert answer.json["detail"] == "The body has more than 100,000 values; no Git host sends as many."


def test_a_field_that_is_missing_is_named(watched: Place) -> None:
    answer = watched.send(shot("github", {"ref": "refs/heads/main", "after": NEW}).vouched(SECRET))
    assert "repository" in answer.json["detail"]


# --- the checks that every webhook makes


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
def test_other_methods_are_told_what_is_allowed(watched: Place, method: str) -> None:
    answer = watched.door.request(method, f"/t/{watched.token}", headers={"X-GitHub-Event": "ping"})
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_a_declared_body_above_the_limit_is_refused_before_it_is_sent(watched: Place) -> None:
    head = (
        f"POST /t/{watched.token} HTTP/1.1\r\nHost: h\r\nX-GitHub-Event: push\r\n"
        f"Content-Length: {MAX_BODY_BYTES + 1}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", watched.door.port), 20) as connection:
        connection.sendall(head.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(("size", "status"), [(MAX_BODY_BYTES, 200), (MAX_BODY_BYTES + 1, 413)])
def test_a_chunked_body_is_bounded_while_it_arrives(watched: Place, size: int, status: int) -> None:
    body = push().body.ljust(size)
    sent = Shot("github", body, push().headers).vouched(SECRET)
    answer = watched.door.request(
        "POST",
        f"/t/{watched.token}",
        iter([body[:500_000], body[500_000:]]),
        {**sent.headers, "Transfer-Encoding": "chunked"},
        encode_chunked=True,
    )
    assert answer.status == status


def test_the_hourly_limit_is_spent_by_what_is_believed_alone(door: PublicDoor) -> None:
    place = place_in(door, hourly_limit=1)
    place.secret_of("github", SECRET)
    place.repo()
    right, wrong = push().vouched(SECRET), push().vouched("wrong")
    answers = [place.send(each) for each in (wrong, push(url="https://a/b", ssh=""), right, right)]
    assert [answer.status for answer in answers] == [401, 200, 200, 429]
    assert answers[2].headers["ratelimit"].startswith('"hour";r=0;t=3')
    assert answers[3].headers["ratelimit-policy"] == '"hour";q=1;w=3600'
    place.polled("c" * 40)
    # Known here meanwhile, and refused before its body is read; nothing is triggered.
    assert is_problem(place.send(right), 429)
    assert place.jobs() == []
    assert place.send(Shot("github", b"{}", {"X-GitHub-Event": "ping"})).status == 200


def test_a_full_redis_asks_to_come_again_and_nothing_is_triggered(watched: Place) -> None:
    watched.polled("c" * 40)
    watched.door.store.client.execute_command("CONFIG", "SET", "maxmemory", 1)
    answer = watched.send(push().vouched(SECRET))
    watched.door.store.client.execute_command("CONFIG", "SET", "maxmemory", 0)
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert watched.jobs() == []


@pytest.mark.parametrize(
    ("rules", "status"), [({"https_only": True}, 403), ({"allow_ips": ["192.0.2.0/24"]}, 403)]
)
def test_who_may_not_send_is_not_heard(door: PublicDoor, rules: dict[str, object], status: int) -> None:
    place = place_in(door, **rules)
    place.repo(allow_unauthenticated=True)
    assert place.send(push()).status == status
    assert place.send(Shot("github", b"{}", {"X-GitHub-Event": "ping"})).status == status


def test_a_rule_that_was_made_a_moment_ago_holds_for_pushes(watched: Place) -> None:
    sent = push().vouched(SECRET)
    assert watched.send(sent).status == 200
    watched.door.change("git-gw_1", https_only=True)
    assert watched.send(sent).status == 403
    assert len(watched.events()) == 1


def test_a_receiver_that_is_deleted_takes_nothing_more(watched: Place) -> None:
    sent = push().vouched(SECRET)
    assert watched.send(sent).status == 200
    watched.polled("c" * 40)
    assert watched.door.store.run(webhooks.delete("gw_1", "whk_git-gw_1", now_ms()))
    assert watched.send(sent).status == 404
    assert watched.jobs() == []


# --- the receiver at /


def test_the_receiver_of_one_gateway_is_at_the_root(redis_url: str) -> None:
    with public_door(redis_url, git_gateway="gw_1") as door:
        place = place_in(door)
        place.repo(allow_unauthenticated=True)
        other = place_in(door, "gw_2")
        other.repo(allow_unauthenticated=True)
        assert place.send(push(), "/").json["updated"] == ["infra/app"]
        assert place.send(push(), "/?a=1").status == 200
        assert (place.status().webhook_commit, other.status().webhook_commit) == (NEW, "")
        answer = door.request("GET", "/")
        assert (answer.status, answer.headers["allow"]) == (405, "POST")
        assert {door.request("POST", path, b"").status for path in ("/x", "/t", "/git", "//")} == {404}


def test_what_was_sent_to_the_root_is_kept_without_a_path(redis_url: str) -> None:
    with public_door(redis_url, git_gateway="gw_1") as door:
        place = place_in(door)
        place.repo(allow_unauthenticated=True)
        assert place.send(push(), "/?a=1").status == 200
        [event] = place.events()
        kept = place.kept(event)
    assert (kept.path, kept.query, kept.body) == (b"", b"a=1", push().body)


def test_without_a_gateway_for_it_nothing_is_at_the_root(watched: Place) -> None:
    for method in ("POST", "GET"):
        answer = watched.door.request(method, "/", push().body, push().headers)
        assert answer.status == 404
    assert watched.status().webhook_commit == ""


@pytest.mark.parametrize("gateway", ["gw_none", "gw_1"])
def test_a_gateway_without_a_receiver_is_complained_of(redis_url: str, gateway: str) -> None:
    with capture_logs() as logs, public_door(redis_url, git_gateway=gateway) as door:
        door.webhook()
        answers = [door.request("POST", "/", b"{}", push().headers) for _ in range(3)]
    assert all(is_problem(answer, 404) for answer in answers)
    told = [(line["gateway"], line["times"]) for line in logs if line["event"] == "no_git_receiver"]
    assert told == [(gateway, 1)]


def test_a_receiver_at_the_root_that_is_deleted_takes_nothing_more(redis_url: str) -> None:
    with public_door(redis_url, git_gateway="gw_1") as door:
        place = place_in(door)
        place.repo(allow_unauthenticated=True)
        assert place.send(push(), "/").status == 200
        assert door.store.run(webhooks.delete("gw_1", "whk_git-gw_1", now_ms()))
        assert place.send(push(), "/").status == 404


def test_what_follows_the_token_changes_nothing(watched: Place) -> None:
    assert watched.send(push().vouched(SECRET), f"/t/{watched.token}/hooks?x=1").status == 200
