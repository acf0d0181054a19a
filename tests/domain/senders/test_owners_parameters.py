"""How an owner describes what his own program signs, and what is refused."""

import pytest

from domain.errors import InvalidInputError
from domain.event import Headers, Rejection, Request
from domain.senders import SENDERS, Site, Verdict, tailored, verify
from domain.senders.encoding import Encoding, encode
from domain.senders.method import HMAC_SHA1, HMAC_SHA256

NOW_S = 1_800_000_000
NOW = NOW_S * 1000
SECRET = b"correct horse"


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
        ({"header": "Content-Length"}, "about the connection"),
        ({"header": "fleet-test"}, "about the connection"),
        ({"timestamp_header": "Transfer-Encoding", "signed": "{timestamp}{body}"}, "about the connection"),
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
