"""One call to a sender's host: over TLS that is checked, bounded, and nowhere else."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.https_server import HttpsServer, https_server
from workers.calling import MAX_BYTES, Answer, Caller, CallFailedError, Way, is_public

URL = "https://api.paypal.com/v1/notifications/certs/CERT-1"
PATH = "/v1/notifications/certs/CERT-1"


@pytest.fixture
def sender(tmp_path: Path) -> Iterator[HttpsServer]:
    with https_server(tmp_path, "api.paypal.com", "sns.us-west-2.amazonaws.com") as server:
        yield server


def caller(sender: HttpsServer, timeout_s: float = 20) -> Caller:
    tls = ssl.create_default_context(cafile=str(sender.certificate))
    return Caller(Way(tls, ("127.0.0.1", sender.port)), timeout_s)


def test_what_stands_at_a_url_is_brought(sender: HttpsServer) -> None:
    sender.answers[PATH] = 200, {}, b"a certificate"
    assert caller(sender)(URL) == Answer(200, b"a certificate")
    assert sender.asked == [("api.paypal.com", PATH)]


def test_one_call_may_follow_another_at_once(sender: HttpsServer) -> None:
    sender.answers[PATH] = 200, {}, b"a certificate"
    calling = caller(sender)
    assert [calling(URL).status for _ in range(20)] == [200] * 20


def test_the_query_goes_along(sender: HttpsServer) -> None:
    query = "/?Action=ConfirmSubscription&Token=1"
    sender.answers[query] = 200, {}, b""
    assert caller(sender)(f"https://sns.us-west-2.amazonaws.com{query}").status == 200


@pytest.mark.parametrize("status", [301, 302, 307, 403, 404, 500])
def test_nothing_is_followed_and_no_other_body_is_read(sender: HttpsServer, status: int) -> None:
    sender.answers[PATH] = status, {"Location": f"{sender.url}/elsewhere"}, b"not this"
    assert caller(sender)(URL) == Answer(status, b"")
    assert len(sender.asked) == 1


def test_an_answer_may_have_so_many_bytes(sender: HttpsServer) -> None:
    sender.answers[PATH] = 200, {}, b"x" * MAX_BYTES
    assert len(caller(sender)(URL).body) == MAX_BYTES
    sender.answers[PATH] = 200, {}, b"x" * (MAX_BYTES + 1)
    with pytest.raises(CallFailedError, match="cannot be called"):
        caller(sender)(URL)


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/", "http://api.paypal.com/", "https://api.paypal.com:8443/", "https://127.0.0.1/"],
)
def test_nobody_else_is_called(sender: HttpsServer, url: str) -> None:
    with pytest.raises(CallFailedError, match="not called"):
        caller(sender)(url)
    assert sender.asked == []


def test_a_host_with_the_certificate_of_another_is_not_believed(sender: HttpsServer) -> None:
    with pytest.raises(CallFailedError, match="SSLCertVerificationError"):
        caller(sender)("https://login.microsoftonline.com/common/discovery/keys")
    with pytest.raises(CallFailedError, match="SSLCertVerificationError"):
        Caller(Way(ssl.create_default_context(), ("127.0.0.1", sender.port)), 20)(URL)
    assert sender.asked == []


def test_the_proxies_of_the_environment_are_not_asked(
    sender: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    sender.answers[PATH] = 200, {}, b"a certificate"
    assert caller(sender)(URL).status == 200


@pytest.mark.parametrize("how", ["silent", "drips"])
def test_a_host_that_does_not_come_to_an_end_is_left(sender: HttpsServer, how: str) -> None:
    sender.answers[PATH] = 200, {}, b""
    setattr(sender, how, True)
    began = time.monotonic()
    with pytest.raises(CallFailedError, match=r"did not answer within 0\.2 seconds"):
        caller(sender, 0.2)(URL)
    assert time.monotonic() - began < 10
    leave(threading.enumerate())


def leave(threads: list[threading.Thread]) -> None:
    """What was left behind ends by itself, because its connection was cut."""
    for thread in threads:
        if thread.name == "calling":
            thread.join(20)
            assert not thread.is_alive()


def test_a_name_that_takes_long_holds_nobody_up_and_is_asked_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known, asked = threading.Event(), []

    def getaddrinfo(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        known.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    slow = Caller(Way(ssl.create_default_context()), 0.1)
    with pytest.raises(CallFailedError, match="did not answer"):
        slow(URL)
    with pytest.raises(CallFailedError, match="earlier call"):
        slow(URL)
    assert asked == ["api.paypal.com"]
    known.set()
    leave(threading.enumerate())
    with pytest.raises(CallFailedError, match="ConnectionError"):
        slow(URL)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fd00::1", "fe80::1%eth0", "::ffff:127.0.0.1"],
)
def test_a_name_that_leads_into_our_own_networks_leads_nowhere(
    sender: HttpsServer, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def getaddrinfo(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, sender.port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(CallFailedError, match="ConnectionError"):
        Caller(Way(ssl.create_default_context()), 20)(URL)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("::ffff:93.184.215.14", True),
        ("::ffff:10.0.0.1", False),
        ("192.168.1.1", False),
        ("172.16.0.1", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - a text
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("ff02::1", False),
        ("::", False),
        ("", False),
        ("localhost", False),
    ],
)
def test_public_addresses_are_told_from_others(address: str, *, public: bool) -> None:
    assert is_public(address) is public
