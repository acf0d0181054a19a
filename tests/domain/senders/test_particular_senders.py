"""What only one sender does, and what would slip through if it were judged like the others."""

import json
import time
from base64 import b64encode
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.event import Headers, Rejection, Request
from domain.senders import SENDERS, Site, Verdict, tailored, usable, verify
from domain.senders.encoding import Encoding, encode
from domain.senders.method import HMAC_SHA256

NOW_S = 1_800_000_000
NOW = NOW_S * 1000
SECRET = b"correct horse"
FORM = (b"content-type", b"application/x-www-form-urlencoded")


def judge(key: str, body: bytes, headers: Headers = (), *secrets: bytes, site: Site | None = None) -> Verdict:
    request = Request("POST", b"", b"", headers, body)
    return verify(SENDERS[key], request, secrets or (SECRET,), NOW, site or Site())


def hex_of(*parts: bytes) -> bytes:
    return HMAC_SHA256.sign(SECRET, parts).hex().encode()


# --- Microsoft Graph


def graph(*states: object) -> Rejection | None:
    items = [{"clientState": state} if state is not None else {"changeType": "created"} for state in states]
    return judge("microsoft-graph", json.dumps({"value": items}).encode()).rejection


def test_every_item_of_graph_has_to_bring_the_secret() -> None:
    secret = SECRET.decode()
    assert graph(secret) is None
    assert graph(secret, secret) is None
    assert graph(secret, "another") is Rejection.WRONG_SIGNATURE
    assert graph("another", secret) is Rejection.WRONG_SIGNATURE
    assert graph(secret, None) is Rejection.UNMET_CONDITION
    assert graph(secret, 1.5) is Rejection.UNMET_CONDITION
    assert graph(secret, "") is Rejection.MALFORMED_SIGNATURE


def test_items_of_several_graph_subscriptions_may_share_a_request() -> None:
    body = b'{"value": [{"clientState": "one"}, {"clientState": "two"}]}'
    assert judge("microsoft-graph", body, (), b"one", b"two").ok
    assert not judge("microsoft-graph", body, (), b"one").ok


# --- Gitea and Forgejo


def test_gitea_signs_the_json_in_a_form_and_not_the_form() -> None:
    payload = '{"ref": "refs/heads/main"}'
    form = urlencode({"payload": payload}).encode()
    of_json = (FORM, (b"x-gitea-signature", hex_of(payload.encode())))
    of_form = (FORM, (b"x-gitea-signature", hex_of(form)))
    assert judge("gitea", form, of_json).ok
    assert judge("gitea", form, of_form).rejection is Rejection.WRONG_SIGNATURE
    assert judge("gitea", form + b"&payload=x", of_json).rejection is Rejection.MISSING_FIELD


def test_a_bad_signature_of_forgejo_is_not_rescued_by_giteas() -> None:
    good = hex_of(b"{}")
    headers = ((b"x-forgejo-signature", b"00" * 32), (b"x-gitea-signature", good))
    assert judge("forgejo", b"{}", headers).rejection is Rejection.WRONG_SIGNATURE
    assert judge("forgejo", b"{}", headers[1:]).rejection is Rejection.MISSING_SIGNATURE


# --- those with two ways of signing


def test_gitlabs_signing_token_decides_where_the_webhook_has_one() -> None:
    key = b64encode(b"k" * 32)
    token = (b"x-gitlab-token", b"plain")
    signed = b"msg_1.%d.{}" % NOW_S
    good = b"v1," + encode(Encoding.BASE64, HMAC_SHA256.sign(b"k" * 32, [signed]))
    stamps = ((b"webhook-id", b"msg_1"), (b"webhook-timestamp", b"%d" % NOW_S))
    bad = (b"webhook-signature", b"v1," + encode(Encoding.BASE64, b"\0" * 32))
    both = (*stamps, (b"webhook-signature", good), token)
    assert judge("gitlab", b"{}", both, b"whsec_" + key).scheme == "gitlab-v1"
    assert judge("gitlab", b"{}", both, b"plain").scheme == "gitlab-token"
    assert not judge("gitlab", b"{}", (*stamps, bad, token), b"whsec_" + key, b"plain").ok


def test_a_pinned_scheme_is_the_only_one_that_counts() -> None:
    sender = tailored(SENDERS["buildkite"], {"scheme": "buildkite-hmac"})
    request = Request("POST", b"", b"", ((b"x-buildkite-token", SECRET),), b"{}")
    assert verify(SENDERS["buildkite"], request, [SECRET], NOW).ok
    assert verify(sender, request, [SECRET], NOW).rejection is Rejection.MISSING_SIGNATURE


def test_each_version_of_a_signature_may_have_a_secret_of_its_own() -> None:
    private = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    public = b"whpk_" + b64encode(private.public_key().public_bytes_raw())
    symmetric = b"whsec_" + b64encode(b"k" * 24)
    signed = b"msg_1.%d.{}" % NOW_S
    v1 = b"v1," + encode(Encoding.BASE64, HMAC_SHA256.sign(b"k" * 24, [signed]))
    v1a = b"v1a," + encode(Encoding.BASE64, private.sign(signed))
    bad = [b"v1," + encode(Encoding.BASE64, b"\0" * 32), b"v1a," + encode(Encoding.BASE64, b"\0" * 64)]

    def rejection(*entries: bytes) -> Rejection | None:
        headers = (
            (b"webhook-id", b"msg_1"),
            (b"webhook-timestamp", b"%d" % NOW_S),
            (b"webhook-signature", b" ".join(entries)),
        )
        return judge("standard-webhooks", b"{}", headers, symmetric, public).rejection

    assert rejection(v1, v1a) is None
    assert rejection(bad[0], v1a) is None
    assert rejection(v1, bad[1]) is None
    assert rejection(*bad) is Rejection.WRONG_SIGNATURE


def test_an_id_with_a_dot_could_be_read_in_two_ways() -> None:
    signed = b"a.%d.{}" % NOW_S
    signature = b"v1," + encode(Encoding.BASE64, HMAC_SHA256.sign(b"k" * 24, [b"msg." + signed]))
    headers = (
        (b"webhook-id", b"msg.a"),
        (b"webhook-timestamp", b"%d" % NOW_S),
        (b"webhook-signature", signature),
    )
    assert (
        judge("standard-webhooks", b"{}", headers, b64encode(b"k" * 24)).rejection is Rejection.MISSING_FIELD
    )


# --- keys


@pytest.mark.parametrize(
    ("key", "secret", "fits"),
    [
        ("github", b"anything", True),
        ("discord", b"00" * 32, True),
        ("discord", b"00" * 31, False),
        ("discord", b"my secret", False),
        ("sendgrid", b"MFkw", False),
        ("standard-webhooks", b"whsec_c2VjcmV0", True),
        ("standard-webhooks", b"whsec_", False),
        ("standard-webhooks", b"whsec_not base64", False),
        ("openai", b"plain", True),
        ("docker-hub", b"anything", False),
    ],
)
def test_a_secret_that_can_be_no_key_is_known_at_once(key: str, secret: bytes, fits: object) -> None:
    assert usable(SENDERS[key], secret) is fits


def test_woocommerce_signs_with_what_the_shop_stored() -> None:
    signature = encode(Encoding.BASE64, HMAC_SHA256.sign(b"a&b", [b"{}"]))
    assert judge("woocommerce", b"{}", ((b"x-wc-webhook-signature", signature),), b"a&amp;b").ok


# --- Mailgun


def test_a_signature_of_mailgun_is_remembered_by_the_token_that_it_signs() -> None:
    stamp = b"%d" % NOW_S
    signature = hex_of(stamp, b"real")
    form = b"timestamp=%b&token=real&signature=%b" % (stamp, signature)
    assert judge("mailgun", form, (FORM,)).ok
    # Both a form and JSON: verified by one token, and remembered by another.
    both = b'{"signature": {"token": "another"}, "x": "&%b&"}' % form
    assert not judge("mailgun", both, (FORM,)).ok


# --- Box


def test_a_large_body_that_box_would_escape_costs_little() -> None:
    headers = (
        (b"box-delivery-timestamp", b"2027-01-15T08:00:00Z"),
        (b"box-signature-algorithm", b"HmacSHA256"),
        (b"box-signature-version", b"1"),
        (b"box-signature-primary", encode(Encoding.BASE64, b"\0" * 32)),
    )
    for character in ("é", "\\", "\r", "😀", "\\/"):
        body = (character * (1 << 20)).encode()[: 1 << 20]
        began = time.process_time()
        assert not judge("box", body, headers, *(b"%d" % number for number in range(5))).ok
        assert time.process_time() - began < 2


# --- Zendesk


@pytest.mark.parametrize("stamp", [b"1800000000", b"2027-01-15T08:00:00Z"])
def test_zendesks_time_ends_where_the_body_begins(stamp: bytes) -> None:
    body = b"ticket=1&text=hello"
    signature = encode(Encoding.BASE64, HMAC_SHA256.sign(SECRET, [stamp, body]))

    def rejection(told: bytes, content: bytes) -> Rejection | None:
        headers = (
            (b"x-zendesk-webhook-signature", signature),
            (b"x-zendesk-webhook-signature-timestamp", told),
        )
        return judge("zendesk", content, headers).rejection

    assert rejection(stamp, body) is None
    assert rejection(stamp + body[:9], body[9:]) is Rejection.MALFORMED_TIMESTAMP
    assert rejection(stamp + body, b"") is Rejection.MALFORMED_TIMESTAMP
