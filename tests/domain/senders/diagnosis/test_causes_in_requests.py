"""A request that fails for one reason in itself: the diagnosis names that reason and no other."""

import json
import zlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.event import Request
from domain.senders import SENDERS
from domain.senders.diagnosis import Cause, diagnose
from domain.senders.diagnosis.bodies import MAX_BODY_BYTES
from domain.senders.method import HMAC_SHA256, Hmac
from tests.cases import ADDRESS, BODY, NOW, case, plain, signed, with_body

SECRET = b"whsec-Mq3kRt7zWb"


# --- clocks


@pytest.mark.parametrize(("off_s", "words"), [(301, "sender's clock is slow"), (9000, "was held up")])
def test_a_signature_that_comes_late_is_told_with_its_seconds(off_s: int, words: str) -> None:
    finding = diagnose(case("stripe", signed("stripe", SECRET, now=NOW - off_s * 1000), SECRET))
    assert finding.cause is Cause.CLOCK
    assert finding.facts == {"seconds_off": off_s, "tolerance_s": 300}
    assert f"made {off_s} seconds before" in finding.sentence
    assert words in finding.sentence


def test_a_signature_out_of_the_future_is_told_with_its_seconds() -> None:
    finding = diagnose(case("slack", signed("slack", SECRET, now=NOW + 400_000), SECRET))
    assert finding.cause is Cause.CLOCK
    assert finding.facts["seconds_off"] == -400
    assert "400 seconds after" in finding.sentence
    assert "this gateway's is slow" in finding.sentence


def test_milliseconds_for_seconds_are_no_clock_that_is_wrong() -> None:
    parameters = {"timestamp_header": "X-Time"}
    request = signed("custom", SECRET, now=NOW * 1000, parameters=parameters)
    finding = diagnose(case("custom", request, SECRET, parameters=parameters))
    assert finding.cause is Cause.CLOCK
    assert "not written as Unix time in seconds" in finding.sentence


def test_who_is_late_and_has_another_secret_is_told_of_the_secret() -> None:
    request = signed("stripe", SECRET, now=NOW - 400_000)
    assert diagnose(case("stripe", request, SECRET + b"\n")).cause is Cause.SECRET_SPELLING


# --- how it is signed


@pytest.mark.parametrize(
    ("parameters", "method", "written", "words"),
    [
        ({"algorithm": "sha1"}, HMAC_SHA256, "sha256=HEX", "brings HMAC-SHA256"),
        ({}, Hmac("sha1"), "sha1=HEX", "brings HMAC-SHA1"),
        ({}, Hmac("sha1"), "BASE64", "28 characters of base64"),
        ({"encoding": "base64"}, HMAC_SHA256, "HEX", "64 hex digits"),
        ({"encoding": "hex"}, HMAC_SHA256, "BASE64", "44 characters of base64"),
        ({"prefix": "v1="}, HMAC_SHA256, "HEX", "brings HMAC-SHA256, written as 64 hex digits"),
    ],
)
def test_another_hash_or_encoding_is_found_and_how_to_set_it(
    parameters: dict[str, str], method: Hmac, written: str, words: str
) -> None:
    mac = method.sign(SECRET, [BODY])
    value = written.replace("HEX", mac.hex()).replace("BASE64", b64encode(mac).decode())
    finding = diagnose(
        case("custom", plain(BODY, (b"x-signature", value.encode())), SECRET, parameters=parameters)
    )
    assert finding.cause is Cause.SIGNATURE_FORM
    assert words in finding.sentence
    digest = method.digest
    assert f"--set algorithm={digest}" in finding.sentence


def test_base64_where_the_sender_writes_hex_is_found() -> None:
    value = b"sha256=" + b64encode(HMAC_SHA256.sign(SECRET, [BODY]))
    finding = diagnose(case("github", plain(BODY, (b"x-hub-signature-256", value)), SECRET))
    assert finding.cause is Cause.SIGNATURE_FORM
    assert "Let the sender write it as GitHub does" in finding.sentence


def test_another_sender_is_found_and_named() -> None:
    finding = diagnose(case("github", signed("gitea", SECRET), SECRET))
    assert finding.cause is Cause.ANOTHER_SENDER
    assert finding.facts == {"sender": "gitea", "scheme": "gitea-hmac"}
    assert "fleet webhooks update hook --sender gitea'" in finding.sentence


@pytest.mark.parametrize(
    ("request_", "sender"),
    [
        (plain(BODY, (b"x-github-event", b"push")), "github"),
        (plain(b'{"object": "page"}'), "meta"),
        (plain(b"no marks"), "github"),
    ],
)
def test_of_senders_that_sign_alike_the_one_whose_marks_it_bears_is_named(
    request_: Request, sender: str
) -> None:
    request = signed("meta", SECRET, request_)
    assert diagnose(case("stripe", request, SECRET)).facts["sender"] == sender


def test_a_weak_signature_alone_has_to_be_pinned() -> None:
    request = plain(BODY, (b"x-hub-signature", b"sha1=" + Hmac("sha1").sign(SECRET, [BODY]).hex().encode()))
    finding = diagnose(case("github", request, SECRET))
    assert finding.cause is Cause.WEAK_SCHEME
    assert "--set scheme=github-sha1" in finding.sentence
    assert diagnose(case("github", request, SECRET, parameters={"scheme": "github-sha1"})).cause is Cause.FINE


def test_a_scheme_that_was_pinned_away_is_found() -> None:
    request = signed("gitlab", SECRET)
    finding = diagnose(case("gitlab", request, SECRET, parameters={"scheme": "gitlab-v1"}))
    assert finding.cause is Cause.PINNED_SCHEME
    assert finding.facts == {"scheme": "gitlab-token"}


def test_a_parameter_in_the_way_is_found() -> None:
    finding = diagnose(
        case("custom", signed("custom", SECRET), SECRET, parameters={"header": "X-Our-Signature"})
    )
    assert finding.cause is Cause.PARAMETERS
    assert "(header)" in finding.sentence


# --- which address is signed


@pytest.mark.parametrize("sender", ["twilio", "square", "hubspot", "trello"])
@pytest.mark.parametrize(
    ("url", "words"),
    [
        (ADDRESS.replace("https", "http"), "it begins with http://"),
        (ADDRESS + "/", "it ends with a slash"),
        (ADDRESS.replace(".org", ".org:8443"), "it names a port"),
        (ADDRESS.replace("hooks.example.org", "public.example.com"), "header Host"),
        (ADDRESS.replace("https://hooks.example.org", "http://front.example.net"), "X-Forwarded-Host"),
    ],
)
def test_another_address_is_found_and_what_is_different(sender: str, url: str, words: str) -> None:
    headers = ((b"host", b"public.example.com"), (b"x-forwarded-host", b"front.example.net"))
    request = signed(sender, SECRET, plain(BODY, *headers), url=url)
    finding = diagnose(case(sender, request, SECRET))
    assert finding.cause is Cause.ANOTHER_URL
    assert words in finding.sentence
    for private in (ADDRESS, ADDRESS.rpartition("/")[2], "example"):
        assert private not in finding.sentence


def test_a_parameter_with_another_address_than_the_real_one_is_found() -> None:
    parameters = {"url": "https://old.example.org/hook"}
    finding = diagnose(case("square", signed("square", SECRET), SECRET, parameters=parameters))
    assert finding.cause in {Cause.ANOTHER_URL, Cause.PARAMETERS}
    assert "url" in finding.sentence


def test_a_query_that_was_added_on_the_way_is_found() -> None:
    request = replace(signed("square", SECRET), query=b"added=1")
    finding = diagnose(case("square", request, SECRET))
    assert finding.cause is Cause.ANOTHER_URL
    assert "without the query" in finding.sentence


# --- what was done to the body


def _go(document: Any) -> bytes:
    return (
        json.dumps(document, separators=(",", ":"), ensure_ascii=False)
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .encode()
    )


AS_SIGNED: dict[str, Callable[[Any], bytes]] = {
    "as JSON, compact": lambda it: json.dumps(it, separators=(",", ":"), ensure_ascii=False).encode(),
    "compact, with letters beyond ASCII": lambda it: json.dumps(it, separators=(",", ":")).encode(),
    "/ as \\/": lambda it: json.dumps(it, separators=(",", ":")).replace("/", "\\/").encode(),
    "<, > and &": _go,
    "space after colons and commas": lambda it: json.dumps(it).encode(),
    "indented by 2": lambda it: json.dumps(it, indent=2).encode(),
    "indented by 4": lambda it: json.dumps(it, indent=4, ensure_ascii=False).encode() + b"\n",
    "tabs": lambda it: json.dumps(it, indent="\t").encode(),
    "order of their names": lambda it: json.dumps(it, sort_keys=True, indent=2).encode(),
}


@pytest.mark.parametrize("words", AS_SIGNED)
def test_json_that_was_written_anew_is_found_and_how_it_was_signed(words: str) -> None:
    document = {"zeal": 1, "action": "a/b", "name": "J\u00fcrgen <x>", "list": [1, {"b": None, "a": True}]}
    request = signed("github", SECRET, plain(AS_SIGNED[words](document)))
    arrived = json.dumps(document, indent=3, ensure_ascii=False).encode()
    finding = diagnose(case("github", with_body(request, arrived), SECRET))
    assert finding.cause is Cause.CHANGED_BODY
    assert words in finding.sentence
    assert "rgen" not in finding.sentence


@pytest.mark.parametrize(
    ("was", "became", "words"),
    [
        (b"a\nb\n", b"a\r\nb\r\n", "line breaks of LF"),
        (b"a\r\nb", b"a\nb", "line breaks of CR LF"),
        (b"{}\n", b"{}", "a line break at its end"),
        (b"{}\r\n", b"{}", "a line break (CR LF) at its end"),
        (b"{}", b"{}\n", "line breaks of LF, not CR LF|without white space at its ends"),
        (b"\xef\xbb\xbf{}", b"{}", "with a byte order mark"),
        ("Jürgen".encode(), "Jürgen".encode("latin-1"), "in utf-8, not in latin-1"),
        ("Jürgen".encode("latin-1"), "Jürgen".encode(), "in latin-1, not in utf-8"),
        ("a €".encode("cp1252"), "a €".encode(), "in cp1252, not in utf-8"),
    ],
)
def test_line_ends_and_letters_that_were_changed_are_found(was: bytes, became: bytes, words: str) -> None:
    request = signed("stripe", SECRET, plain(was))
    finding = diagnose(case("stripe", with_body(request, became), SECRET))
    assert finding.cause is Cause.CHANGED_BODY
    assert any(each in finding.sentence for each in words.split("|"))


def test_a_form_that_was_written_anew_is_found() -> None:
    form = (b"content-type", b"application/x-www-form-urlencoded")
    request = signed("slack", SECRET, plain(b"text=a+b%2Fc&user=%C3%BC", form))
    for body in (b"text=a%20b%2Fc&user=%C3%BC", b"text=a+b%2fc&user=%c3%bc"):
        finding = diagnose(case("slack", with_body(request, body), SECRET))
        assert finding.cause is Cause.CHANGED_BODY
        assert "as a form" in finding.sentence


def test_a_body_that_was_compressed_on_the_way_is_found() -> None:
    request = signed("github", SECRET, plain(BODY, (b"content-encoding", b"gzip")))
    finding = diagnose(case("github", with_body(request, zlib.compress(BODY, wbits=31)), SECRET))
    assert finding.cause is Cause.CHANGED_BODY
    assert "before it was compressed" in finding.sentence


def test_a_body_of_which_only_a_hash_is_signed_is_no_exception() -> None:
    document = {"a": [1, 2]}
    request = signed(
        "twilio", SECRET, plain(json.dumps(document).encode(), (b"content-type", b"application/json"))
    )
    assert b"bodySHA256=" in request.query
    finding = diagnose(case("twilio", with_body(request, json.dumps(document, indent=1).encode()), SECRET))
    assert finding.cause is Cause.CHANGED_BODY


def test_in_a_large_body_only_line_ends_are_looked_at() -> None:
    large = json.dumps(["x" * 1000] * (MAX_BODY_BYTES // 1000), indent=1).encode()
    request = signed("github", SECRET, plain(large))
    cut, anew = large.replace(b"\n", b"\r\n"), json.dumps(json.loads(large)).encode()
    assert diagnose(case("github", with_body(request, cut), SECRET)).cause is Cause.CHANGED_BODY
    assert len(anew) > MAX_BODY_BYTES
    assert diagnose(case("github", with_body(request, anew), SECRET)).cause is Cause.UNKNOWN


# --- what is missing


def test_what_is_not_signed_is_told_where_the_signature_is_missed() -> None:
    finding = diagnose(case("github", plain(BODY, (b"x-gitea-event", b"push")), SECRET))
    assert finding.cause is Cause.NOT_SIGNED
    assert "the header X-Hub-Signature-256 is missing" in finding.sentence
    assert SENDERS["github"].secret.where in finding.sentence
    assert "looks like a request of gitea" in finding.sentence


def test_a_sender_that_signs_nothing_is_no_fault_of_the_owner() -> None:
    finding = diagnose(case("docker-hub", plain(), SECRET))
    assert finding.cause is Cause.NOT_SIGNED
    assert "signs nothing" in finding.sentence


def test_a_signature_that_comes_twice_is_found() -> None:
    request = signed("github", SECRET)
    twice = replace(request, headers=(*request.headers, *request.headers))
    finding = diagnose(case("github", twice, SECRET))
    assert finding.cause is Cause.UNREADABLE_SIGNATURE
    assert "2 times (the header X-Hub-Signature-256)" in finding.sentence


def test_a_signature_in_no_form_that_is_known_is_told_with_the_form_it_should_have() -> None:
    finding = diagnose(case("github", plain(BODY, (b"x-hub-signature-256", b"nonsense")), SECRET))
    assert finding.cause is Cause.UNREADABLE_SIGNATURE
    assert "X-Hub-Signature-256 with sha256=, then 64 hex digits" in finding.sentence
    assert "nonsense" not in finding.sentence


@pytest.mark.parametrize(
    ("sender", "header", "words"),
    [
        ("slack", b"x-slack-request-timestamp", "the header X-Slack-Request-Timestamp is missing"),
        ("standard-webhooks", b"webhook-id", "the header webhook-id is missing"),
        ("twitch", b"twitch-eventsub-message-id", "the header Twitch-Eventsub-Message-Id is missing"),
    ],
)
def test_a_header_that_is_signed_and_missing_is_named(sender: str, header: bytes, words: str) -> None:
    secret = b"whsec_" + b64encode(SECRET * 2)
    request = signed(sender, secret)
    cut = replace(request, headers=tuple(each for each in request.headers if each[0] != header))
    assert len(cut.headers) == len(request.headers) - 1
    finding = diagnose(case(sender, cut, secret))
    assert finding.cause is Cause.INCOMPLETE
    assert words in finding.sentence


def test_a_hash_that_does_not_fit_is_told() -> None:
    request = signed("box", SECRET)
    other = tuple(
        (name, b"2" if name == b"box-signature-version" else value) for name, value in request.headers
    )
    assert other != request.headers
    finding = diagnose(case("box", replace(request, headers=other), SECRET))
    assert finding.cause is Cause.INCOMPLETE
    assert "has to fit does not" in finding.sentence
