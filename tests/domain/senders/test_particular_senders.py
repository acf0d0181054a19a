"""What only one sender does, and what would slip through if it were judged like the others."""

import hashlib
import json
import time
from base64 import b64encode
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.errors import InvalidInputError
from domain.event import Headers, Rejection, Request
from domain.senders import SENDERS, Description, Site, Verdict, describe, looks_like, tailored, usable, verify
from domain.senders.encoding import Encoding, encode
from domain.senders.method import HMAC_SHA1, HMAC_SHA256

NOW_S = 1_800_000_000
NOW = NOW_S * 1000
SECRET = b"correct horse"
FORM = (b"content-type", b"application/x-www-form-urlencoded")


def judge(key: str, body: bytes, headers: Headers = (), *secrets: bytes, site: Site | None = None) -> Verdict:
    request = Request("POST", b"", b"", headers, body)
    return verify(SENDERS[key], request, secrets or (SECRET,), NOW, site or Site())


def described(key: str, document: object, headers: Headers = ()) -> Description:
    return describe(SENDERS[key], Request("POST", b"", b"", headers, json.dumps(document).encode()))


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


# --- Twilio


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


# --- several events in one body


def test_a_body_with_several_events_tells_all_their_types() -> None:
    items = [{"event": "open", "sg_event_id": "a"}, {"event": "click", "sg_event_id": "b"}, {"event": "open"}]
    told = described("sendgrid", items[:2])
    assert told.event_types == ("open", "click")
    assert told.event_type == "open and 1 more"
    assert told.count == 2
    assert told.event_id != described("sendgrid", items[1::-1]).event_id
    assert described("sendgrid", items[:1]) == Description("open", "a", ("open",), 1)
    assert described("sendgrid", items).event_id is None  # an event without an id could be any


def test_meta_names_each_change_by_the_object_and_the_field() -> None:
    changes = [{"changes": [{"field": "feed"}, {"field": "name"}]}, {"changes": [{"field": "feed"}]}]
    told = described("meta", {"object": "page", "entry": changes})
    assert told == Description("page.feed and 1 more", None, ("page.feed", "page.name"), 3)


def test_a_list_of_a_hundred_thousand_events_is_counted_in_bounds() -> None:
    told = described("line", {"events": [{"type": f"t{at}"} for at in range(100_000)]})
    assert told.count == 10_000
    assert len(told.event_types) == 100
    assert len(told.event_type) <= 100


def test_an_empty_list_counts_as_one_event_without_a_type() -> None:
    assert described("line", {"events": []}) == Description("", None, (), 1)


def test_telegram_names_an_event_by_the_field_beside_its_id() -> None:
    assert described("telegram", {"update_id": 7, "message": {}}) == Description("message", "7", ("message",))
    assert described("telegram", {"update_id": 7, "message": {}, "poll": {}}).event_type == ""


def test_a_type_may_be_joined_of_two_fields() -> None:
    assert described("linear", {"type": "Issue", "action": "create"}).event_type == "Issue.create"
    sentry = described("sentry", {"action": "triggered"}, ((b"sentry-hook-resource", b"event_alert"),))
    assert sentry.event_type == "event_alert.triggered"
    assert described("sentry", {}, ((b"sentry-hook-resource", b"event_alert"),)).event_type == "event_alert"


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


# --- an address with a query


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


# --- the custom sender


def custom(parameters: dict[str, str], headers: Headers, body: bytes = b"{}") -> Verdict:
    sender = tailored(SENDERS["custom"], parameters)
    request = Request("POST", b"", b"", headers, body)
    return verify(sender, request, [SECRET], NOW, Site("https://example.com/t/x", parameters))


def test_an_owner_describes_how_his_program_signs() -> None:
    parameters = {
        "header": "X-Acme-Signature",
        "prefix": "v1=",
        "encoding": "base64",
        "signed": "{id}:{timestamp}:{method}:{url}:{body}",
        "timestamp_header": "X-Acme-Time",
        "tolerance_s": "60",
        "id_header": "X-Acme-Id",
    }
    signed = b"7:%d:POST:https://example.com/t/x:{}" % NOW_S
    signature = b"v1=" + encode(Encoding.BASE64, HMAC_SHA256.sign(SECRET, [signed]))
    headers = (
        (b"x-acme-id", b"7"),
        (b"x-acme-time", b"%d" % NOW_S),
        (b"x-acme-signature", signature),
    )
    assert custom(parameters, headers).scheme == "custom-sha256-base64"
    assert custom(parameters, headers, b"{ }").rejection is Rejection.WRONG_SIGNATURE
    assert custom(parameters, headers[1:]).rejection is Rejection.MISSING_FIELD
    late = verify(
        tailored(SENDERS["custom"], parameters),
        Request("POST", b"", b"", headers, b"{}"),
        [SECRET],
        NOW + 61_000,
        Site("https://example.com/t/x", parameters),
    )
    assert late.rejection is Rejection.TOO_OLD


@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_a_program_may_sign_with_sha1_where_its_owner_says_so(encoding: str) -> None:
    signature = encode(Encoding(encoding), HMAC_SHA1.sign(SECRET, [b"{}"]))
    assert custom({"algorithm": "sha1"}, ((b"x-signature", b"sha1=" + signature),)).ok
    assert not custom({}, ((b"x-signature", b"sha1=" + signature),)).ok


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"colour": "red"}, "has no parameter 'colour'"),
        ({"algorithm": "md5"}, "one of sha256, sha512, sha1"),
        ({"header": "X Signature"}, "name of a header"),
        ({"header": "X-Signature\r\nX: y"}, "one line"),
        ({"signed": "{id}"}, "has to contain {body}"),
        ({"signed": "{nobody}{body}"}, "no place {nobody}"),
        ({"signed": "{body.__class__}"}, "no place"),
        ({"signed": "{body!r}"}, "places such as"),
        ({"signed": "{body"}, "places such as"),
        ({"signed": "{0}{body}"}, "no place"),
        ({"signed": "{timestamp}.{body}"}, "belong together"),
        ({"timestamp_header": "X-Time", "signed": "{body}"}, "belong together"),
        ({"timestamp_header": "X-Time", "tolerance_s": "0"}, "number of seconds"),
        ({"timestamp_header": "X-Time", "tolerance_s": "9" * 400}, "number of seconds"),
        ({"tolerance_s": "60"}, "tolerance_s means nothing without timestamp_header"),
        ({"url": "hooks.example.org/t"}, "url is an address such as https://hooks.example.org/orders"),
        ({"url": "ftp://hooks.example.org/t"}, "url is an address"),
        ({"url": "https:///t"}, "url is an address"),
        ({"url": "https://hooks.example.org/t#part"}, "without a fragment"),
        ({"url": "https://hooks.example.org/a b"}, "url is an address"),
        ({"prefix": "x" * 501}, "1 to 500 characters"),
        ({"prefix": ""}, "1 to 500 characters"),
        ({"signed": "{body}{body}"}, "each place once"),
        ({"signed": "{body_box_escaped}{body}"}, "no place"),
        ({"scheme": "custom-sha512-hex", "header": "X-Sig"}, "exclude each other"),
        ({"scheme": "github-sha256"}, "one of custom-sha256-hex"),
    ],
)
def test_a_parameter_that_cannot_be_meant_so_is_refused(parameters: dict[str, str], sentence: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        tailored(SENDERS["custom"], parameters)
    assert sentence in str(refusal.value)


# --- hints


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (("X-Forgejo-Event", "X-Gitea-Event", "X-Gogs-Event", "X-GitHub-Event"), "forgejo"),
        (("X-Gitea-Event", "X-Gogs-Event", "X-GitHub-Event"), "gitea"),
        (("X-Gogs-Event", "X-GitHub-Event"), "gogs"),
        (("X-GitHub-Event", "X-Hub-Signature-256"), "github"),
        (("X-Hook-UUID", "X-Event-Key"), "bitbucket-cloud"),
        (("X-Event-Key",), "bitbucket-server"),
        (("Stripe-Signature",), "stripe"),
    ],
)
def test_who_seems_to_call_is_told_by_marks(names: tuple[str, ...], first: str) -> None:
    headers = tuple((name.lower().encode(), b"x") for name in names)
    assert looks_like(Request("POST", b"", b"", headers, b"{}"))[0] == first


def test_x_hub_signature_alone_is_nobodys_mark() -> None:
    assert looks_like(Request("POST", b"", b"", ((b"x-hub-signature", b"sha1=00"),), b"{}")) == ()


@pytest.mark.parametrize(
    "url", ["https://hooks.example.org", "HTTP://[2001:db8::7]:8080/a?b=c", "https://u:p@example.org/ä"]
)
def test_an_address_as_a_sender_may_have_it_is_taken(url: str) -> None:
    tailored(SENDERS["square"], {"url": url})


@pytest.mark.parametrize(
    ("arn", "is_one"),
    [
        ("arn:aws:sns:eu-central-1:123456789012:orders", True),
        ("arn:aws-us-gov:sns:us-gov-west-1:123456789012:orders.fifo", True),
        ("arn:aws:sqs:eu-central-1:123456789012:orders", False),
        ("arn:aws:sns:eu-central-1:123456789012", False),
        ("orders", False),
    ],
)
def test_a_topic_is_named_as_aws_does(arn: str, *, is_one: bool) -> None:
    if is_one:
        tailored(SENDERS["aws-sns"], {"topic_arn": arn})
    else:
        with pytest.raises(InvalidInputError, match="topic_arn looks like arn:aws:sns:"):
            tailored(SENDERS["aws-sns"], {"topic_arn": arn})


@pytest.mark.parametrize(
    ("parameters", "sent"),
    [
        ({"algorithm": "sha512"}, "X-Signature: sha512=<hex HMAC-SHA512 of the body>."),
        ({"scheme": "custom-sha512-base64"}, "X-Signature: sha512=<base64 HMAC-SHA512 of the body>."),
        (
            {"header": "X-Sig", "prefix": "v1=", "encoding": "base64", "signed": "v0:{id}:{body}"},
            "X-Sig: v1=<base64 HMAC-SHA256 of v0:{id}:{body}>. {id} is what it sends in X-Event-Id.",
        ),
        (
            {"timestamp_header": "X-Time"},
            (
                "X-Signature: sha256=<hex HMAC-SHA256 of {timestamp}.{body}>."
                " {timestamp} is the Unix time in seconds that it sends in X-Time."
            ),
        ),
    ],
)
def test_an_owner_is_told_what_the_program_has_to_send_then(parameters: dict[str, str], sent: str) -> None:
    where = tailored(SENDERS["custom"], parameters).secret.where
    assert where == f"Give it to the program that calls; it sends {sent}"


def test_a_parameter_that_is_not_about_signatures_changes_no_instruction() -> None:
    for key, parameters in (("custom", {"id_header": "X-Id"}), ("github", {"scheme": "github-sha256"})):
        assert tailored(SENDERS[key], parameters).secret == SENDERS[key].secret
