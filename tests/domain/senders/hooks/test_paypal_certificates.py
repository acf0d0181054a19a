"""PayPal: which certificates count, and what they vouch for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.event import Rejection, Request
from domain.senders import SENDERS, Site, usable
from tests.hooked_senders import (
    DAY_MS,
    NOW,
    PAYPAL_URL,
    PAYPAL_WEBHOOK,
    Finding,
    certificate,
    judged,
    paypal_certificate,
    paypal_headers,
    paypal_request,
    post,
    rsa_key,
)

BODY = b'{"id":"WH-1"}'


def found(
    request: Request,
    document: bytes | None = None,
    secrets: tuple[bytes, ...] = (),
    webhook_id: str = PAYPAL_WEBHOOK,
    at: int = NOW,
) -> Finding:
    documents = {} if document is None else {PAYPAL_URL: document}
    site = Site("", {"webhook_id": webhook_id}, documents)
    return judged("paypal", request, site, secrets, at)


def changed(**headers: str | None) -> Request:
    named = {f"PAYPAL-{name.replace('_', '-')}": value for name, value in headers.items()}
    kept = {**paypal_headers(BODY), **named}
    return post({name: value for name, value in kept.items() if value is not None}, BODY)


def test_a_fetched_certificate_vouches_for_what_it_signed() -> None:
    assert found(paypal_request()) == Finding(Rejection.DOCUMENT_MISSING, wanted=PAYPAL_URL)
    assert found(paypal_request(), paypal_certificate()) == Finding()


def test_a_certificate_that_the_owner_gave_makes_fetching_needless() -> None:
    others = certificate("messageverificationcerts.paypal.com", key=rsa_key("other"))
    assert found(paypal_request(), None, (others, paypal_certificate())) == Finding(secret_index=1)
    assert found(paypal_request(), None, (others,)) == Finding(Rejection.WRONG_SIGNATURE)


def test_the_owners_certificate_alone_counts_when_there_is_one() -> None:
    others = certificate("messageverificationcerts.paypal.com", key=rsa_key("other"))
    assert found(paypal_request(), paypal_certificate(), (others,)).rejection is Rejection.WRONG_SIGNATURE


def test_a_secret_that_is_no_certificate_is_no_key() -> None:
    assert usable(SENDERS["paypal"], paypal_certificate())
    assert not usable(SENDERS["paypal"], b"not a certificate")
    assert found(paypal_request(), None, (b"not a certificate",)).wanted == PAYPAL_URL


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html>not here</html>",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"x" * 70_000,
        certificate("paypal.com"),
        certificate("messageverificationcerts.evilpaypal.com"),
        certificate("messageverificationcerts.paypal.com.example.org"),
        certificate("messageverificationcerts.paypal.com", ends=NOW - 1000),
        certificate("messageverificationcerts.paypal.com", begins=NOW + 1000),
        certificate("messageverificationcerts.paypal.com", key=rsa_key("short", 1024)),
    ],
)
def test_a_document_that_is_no_certificate_of_paypals_vouches_for_nothing(document: bytes) -> None:
    assert found(paypal_request(), document) == Finding(Rejection.UNKNOWN_CERTIFICATE)


def test_a_certificate_counts_while_it_holds() -> None:
    for moment, rejection in (
        (NOW - DAY_MS, None),
        (NOW + DAY_MS, None),
        (NOW - DAY_MS - 1000, Rejection.UNKNOWN_CERTIFICATE),
        (NOW + DAY_MS + 1000, Rejection.UNKNOWN_CERTIFICATE),
    ):
        assert found(paypal_request(), paypal_certificate(), at=moment).rejection is rejection


def test_another_webhooks_notification_is_refused() -> None:
    rejection = found(paypal_request(), paypal_certificate(), webhook_id="ANOTHER").rejection
    assert rejection is Rejection.WRONG_SIGNATURE
    assert found(paypal_request(), paypal_certificate(), webhook_id="").rejection is Rejection.MISSING_FIELD


@pytest.mark.parametrize(
    ("headers", "rejection"),
    [
        ({"TRANSMISSION_ID": None}, Rejection.MISSING_FIELD),
        ({"TRANSMISSION_TIME": ""}, Rejection.MISSING_TIMESTAMP),
        ({"TRANSMISSION_TIME": "2027-01-15T08:00:01Z"}, Rejection.WRONG_SIGNATURE),
        ({"TRANSMISSION_SIG": "AAAA"}, Rejection.WRONG_SIGNATURE),
        ({"TRANSMISSION_SIG": "not base64"}, Rejection.MALFORMED_SIGNATURE),
        ({"TRANSMISSION_SIG": "é"}, Rejection.MALFORMED_SIGNATURE),
        ({"TRANSMISSION_SIG": "A" * 10_000}, Rejection.MALFORMED_SIGNATURE),
        ({"AUTH_ALGO": "SHA1withRSA"}, Rejection.UNMET_CONDITION),
        ({"AUTH_ALGO": "none"}, Rejection.UNMET_CONDITION),
        ({"AUTH_ALGO": None}, Rejection.MISSING_FIELD),
        ({"CERT_URL": None}, Rejection.MISSING_FIELD),
    ],
)
def test_a_header_that_is_wrong_or_missing_is_named(
    headers: dict[str, str | None], rejection: Rejection
) -> None:
    assert found(changed(**headers), paypal_certificate()).rejection is rejection


def test_a_header_that_comes_twice_is_refused() -> None:
    for name, value in paypal_headers(BODY).items():
        request = paypal_request()
        twice = Request("POST", b"", b"", (*request.headers, (name.lower().encode(), value.encode())), BODY)
        assert found(twice, paypal_certificate()).rejection is not None


@pytest.mark.parametrize(
    "url",
    [
        "http://api.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com.example.org/v1/notifications/certs/CERT-1",
        "https://api.paypal.com./v1/notifications/certs/CERT-1",
        "https://api.paypal.com:444/v1/notifications/certs/CERT-1",
        "https://user@api.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com@example.org/v1/notifications/certs/CERT-1",
        "https://example.org\\@api.paypal.com/v1/notifications/certs/CERT-1",
        "https://example.org/https://api.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com/v1/notifications/certs/../../../evil",
        "https://api.paypal.com/v1/notifications/certs/CERT-1?redirect=https://example.org",
        "https://api.paypal.com/v1/notifications/certs/CERT-1#x",
        "https://api.paypal.com/v1/notifications/certs/CERT-1\r\nHost: example.org",
        "https://api.paypal.com/v1/notifications/certs/CERT-1\n",
        "https://api.pаypal.com/v1/notifications/certs/CERT-1",  # noqa: RUF001 - a Cyrillic letter
        "https://127.0.0.1/v1/notifications/certs/CERT-1",
        "//api.paypal.com/v1/notifications/certs/CERT-1",
        "file:///etc/passwd",
        "https://api.paypal.com/v1/notifications/certs/" + "A" * 900,
        "",
    ],
)
def test_a_certificate_from_elsewhere_is_never_wanted(url: str) -> None:
    request = changed(CERT_URL=url)
    assert found(request) in (Finding(Rejection.UNKNOWN_CERTIFICATE), Finding(Rejection.MISSING_FIELD))
    # Nor does the owner's own certificate make such a request PayPal's.
    assert found(request, None, (paypal_certificate(),)).rejection is not None


def test_a_url_of_100_kb_is_refused_at_once() -> None:
    assert found(changed(CERT_URL=PAYPAL_URL + "A" * 100_000)) == Finding(Rejection.MISSING_FIELD)


@settings(deadline=None)
@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_a_changed_byte_of_the_body_is_refused(at: int, flip: int) -> None:
    body = BODY[:at] + bytes([BODY[at] ^ flip]) + BODY[at + 1 :]
    assert (
        found(post(paypal_headers(BODY), body), paypal_certificate()).rejection is Rejection.WRONG_SIGNATURE
    )
