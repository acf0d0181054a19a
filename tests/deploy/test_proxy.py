"""nginx in front, with TLS and HTTP/2: what senders and connectors meet is what the doors say."""

import http.client
import json
import os
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy import http2
from tests.deploy.compose import Compose, until

MAX_BODY = 1024 * 1024
ELSEWHERE = "203.0.113.0/24"
FORGED = {"x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https", "forwarded": "for=203.0.113.7"}


@dataclass(frozen=True)
class Plain:
    """An answer over HTTP/1.1."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Senders:
    """The ways to the gateway from outside."""

    compose: Compose
    ca: Path

    def http2(self, path: str, body: bytes = b"{}", headers: dict[str, str] | None = None) -> http2.Answer:
        return http2.post(self.compose.https_port, self.ca, path, body, headers)

    def https(self, path: str, body: bytes = b"{}") -> Plain:
        tls = ssl.create_default_context(cafile=self.ca)
        port = self.compose.https_port
        return _post(http.client.HTTPSConnection("localhost", port, timeout=30, context=tls), path, body, {})

    def http(self, path: str, headers: dict[str, str] | None = None) -> Plain:
        port = self.compose.http_port
        return _post(http.client.HTTPConnection("localhost", port, timeout=30), path, b"{}", headers or {})

    def direct(self, path: str, body: bytes = b"{}", headers: dict[str, str] | None = None) -> Plain:
        """Past the proxy, through the plain doors."""
        port = self.compose.ingress_port
        return _post(http.client.HTTPConnection("127.0.0.1", port, timeout=30), path, body, headers or {})


def _post(connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]) -> Plain:
    try:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Plain(response.status, found, response.read())
    finally:
        connection.close()


@pytest.fixture(scope="module")
def senders(compose: Compose, tmp_path_factory: pytest.TempPathFactory) -> Senders:
    ca = tmp_path_factory.mktemp("proxy") / "ca.pem"
    compose.run("cp", "proxy:/run/fleet/ca.pem", str(ca))
    return Senders(compose, ca)


def path_of(compose: Compose, name: str, *options: str) -> str:
    return compose.webhook(name, *options).removeprefix(compose.doors)


def test_the_largest_body_passes_and_arrives(compose: Compose, address: str, senders: Senders) -> None:
    body = os.urandom(MAX_BODY)
    told = [senders.http2(address, body), senders.https(address, body)]
    assert [answer.status for answer in told] == [202, 202]
    ids = [json.loads(answer.body)["id"] for answer in told]
    until(lambda: set(ids) <= set(compose.arrived()), "both at the subscriber")
    seen = dict(line.split() for line in compose.execute("app", "cat", "/tmp/seen").splitlines())  # noqa: S108
    assert [int(seen[event]) for event in ids] == [MAX_BODY, MAX_BODY]


@pytest.mark.parametrize("size", [MAX_BODY + 1, 8 * MAX_BODY])
def test_too_large_a_body_gets_our_own_answer(address: str, senders: Senders, size: int) -> None:
    body = bytes(size)
    told = senders.direct(address, body)
    assert told.status == 413
    assert json.loads(told.body)["detail"] == "A body may have at most 1 MiB."
    for answer in (senders.https(address, body), senders.http2(address, body)):
        assert answer.status == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.body == told.body


def test_a_spent_hour_is_told_as_it_is(compose: Compose, senders: Senders) -> None:
    path = path_of(compose, "spent", "--hourly-limit", "1")
    assert senders.http2(path).status == 202
    answer = senders.http2(path)
    assert answer.status == 429
    assert 3000 < int(answer.headers["retry-after"]) <= 3600
    assert answer.headers["ratelimit-policy"] == '"hour";q=1;w=3600'
    assert json.loads(answer.body)["title"] == "Too Many Requests"


def test_without_redis_the_proxy_passes_our_503_on(compose: Compose, address: str, senders: Senders) -> None:
    compose.run("stop", "redis")
    answer = senders.http2(address)
    compose.run("start", "redis")
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert json.loads(answer.body)["detail"] == "The event was not accepted; send it again."
    until(lambda: senders.http2(address).status == 202, "accepted again")


def test_without_any_ingress_the_proxy_says_the_same(
    compose: Compose, address: str, senders: Senders
) -> None:
    compose.run("stop", "ingress")
    told = [senders.http2(address), senders.direct(address)]
    compose.run("start", "ingress")
    for answer in told:
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) > 0
        assert json.loads(answer.body)["detail"] == "The event was not accepted; send it again."
    until(lambda: senders.http2(address).status == 202, "accepted again")


def test_the_address_is_the_clients_and_cannot_be_forged(compose: Compose, senders: Senders) -> None:
    ours = path_of(compose, "ours", "--allow-ip", compose.this_machine())
    theirs = path_of(compose, "theirs", "--allow-ip", ELSEWHERE)
    for headers in ({}, FORGED):
        assert senders.http2(ours, headers=headers).status == 202
        assert senders.http2(theirs, headers=headers).status == 403
        assert senders.http(theirs, headers).status == 403
        assert senders.direct(theirs, headers=headers).status == 403


def test_only_https_counts_as_https(compose: Compose, senders: Senders) -> None:
    path = path_of(compose, "secure", "--https-only")
    assert senders.http2(path).status == 202
    for headers in ({}, FORGED):
        assert senders.http(path, headers).status == 403
        assert senders.direct(path, headers=headers).status == 403


def test_the_git_receiver_answers_with_and_without_tls(senders: Senders) -> None:
    ping = {"x-github-event": "ping"}
    for status in (senders.http2("/", headers=ping).status, senders.http("/", ping).status):
        assert status == 200


def test_nothing_else_is_for_strangers(senders: Senders) -> None:
    for path in ("/index.html", "/healthz", "/readyz", "/metrics", "/t"):
        assert senders.http2(path).status == 404
    assert senders.http2("/api/v1/gateway").status == 401
    assert senders.http2("/dashboard").status == 303
    for path in ("/api/v1/gateway", "/tunnel", "/dashboard", "/dashboard/sign-in"):
        assert senders.http(path).status == 404


def test_a_connector_far_away_comes_through_the_proxy(
    compose: Compose, address: str, senders: Senders, tmp_path: Path
) -> None:
    del address
    compose.fleet("subscriptions", "add", "far", "--webhook", "main")
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("FLEET_")},
        "FLEET_STATE_DIR": str(tmp_path),
        "FLEET_API_URL": f"https://localhost:{compose.https_port}",
        "FLEET_CA_FILE": str(senders.ca),
        "FLEET_TOKEN": compose.execute("relay", "cat", "/run/fleet/token").strip(),
        "PYTHONUNBUFFERED": "1",
    }
    argv = [sys.executable, "-m", "cli", "connect", "far=http://127.0.0.1:9/"]
    with subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, text=True) as connector:  # noqa: S603
        assert connector.stdout is not None
        said = connector.stdout.readline()
        connector.terminate()
    compose.fleet("subscriptions", "remove", "far")
    assert "CONNECTED" in said
