"""Senders that sign the address that they call."""

import hashlib

from domain.event import Headers, Rejection, Request
from domain.senders import SENDERS, Site, Verdict, verify
from domain.senders.encoding import Encoding, encode
from domain.senders.method import HMAC_SHA1, HMAC_SHA256

NOW_S = 1_800_000_000
NOW = NOW_S * 1000
SECRET = b"correct horse"
FORM = (b"content-type", b"application/x-www-form-urlencoded")


def judge(key: str, body: bytes, headers: Headers = (), *secrets: bytes, site: Site | None = None) -> Verdict:
    request = Request("POST", b"", b"", headers, body)
    return verify(SENDERS[key], request, secrets or (SECRET,), NOW, site or Site())


def test_a_body_that_twilio_did_not_sign_is_refused() -> None:
    site = Site("https://example.com/t/x")
    signed = encode(Encoding.BASE64, HMAC_SHA1.sign(SECRET, [b"https://example.com/t/x"]))
    headers = ((b"x-twilio-signature", signed),)
    assert judge("twilio", b"", headers, site=site).ok
    assert judge("twilio", b'{"a": 1}', headers, site=site).rejection is Rejection.MISSING_FIELD
    assert judge("twilio", b"a=1", (FORM, *headers), site=site).rejection is Rejection.WRONG_SIGNATURE


def test_without_an_address_nothing_of_twilio_verifies() -> None:
    headers = ((b"x-twilio-signature", encode(Encoding.BASE64, HMAC_SHA1.sign(SECRET, [b""]))),)
    assert judge("twilio", b"", headers).rejection is Rejection.MISSING_FIELD


def test_an_address_with_a_query_is_signed_with_it_and_with_nothing_else() -> None:
    registered = "https://example.com/hook?shop=1"
    signed = encode(Encoding.BASE64, HMAC_SHA256.sign(SECRET, [registered.encode(), b"{}"]))
    headers = ((b"x-square-hmacsha256-signature", signed),)

    def accepts(path: bytes, query: bytes) -> bool:
        request = Request("POST", path, query, headers, b"{}")
        return verify(SENDERS["square"], request, [SECRET], NOW, Site(registered)).ok

    assert accepts(b"", b"shop=1")
    assert accepts(b"", b"")  # a proxy may have taken it away
    assert not accepts(b"", b"shop=2")
    assert not accepts(b"", b"shop=1&x=y")
    assert not accepts(b"/elsewhere", b"shop=1")


def test_twilio_adds_the_hash_of_the_body_to_a_query_that_is_there() -> None:
    body = b'{"a": 1}'
    query = b"shop=1&bodySHA256=" + hashlib.sha256(body).hexdigest().encode()
    signed = HMAC_SHA1.sign(SECRET, [b"https://example.com/hook?", query])
    headers = ((b"x-twilio-signature", encode(Encoding.BASE64, signed)),)
    site = Site("https://example.com/hook?shop=1")
    assert verify(SENDERS["twilio"], Request("POST", b"", query, headers, body), [SECRET], NOW, site).ok
    stripped = query.partition(b"&")[2]
    assert not verify(
        SENDERS["twilio"], Request("POST", b"", stripped, headers, body), [SECRET], NOW, site
    ).ok
