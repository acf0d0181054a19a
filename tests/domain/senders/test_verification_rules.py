"""What the engine accepts, what it refuses, and the reason it gives."""

from dataclasses import replace

import pytest

from domain.errors import InvalidInputError
from domain.event import Headers, Rejection, Request
from domain.senders import SENDERS, Scheme, Sender, Verdict, sign, verify
from domain.senders.encoding import Encoding, encode
from domain.senders.method import HMAC_SHA256, HMAC_SHA512
from domain.senders.scheme import Signature
from domain.senders.source import Header
from domain.senders.template import Template

NOW_S = 1_800_000_000
NOW = NOW_S * 1000
SECRET = b"correct horse"
BODY = b'{"type": "ping"}'

GITHUB, STRIPE, SLACK, CUSTOM = (SENDERS[key] for key in ("github", "stripe", "slack", "custom"))
FOUR = pytest.mark.parametrize("sender", [GITHUB, STRIPE, SLACK, CUSTOM], ids=lambda sender: sender.key)
GOOD_256 = HMAC_SHA256.sign(SECRET, [BODY]).hex().encode()
GOOD_512 = HMAC_SHA512.sign(SECRET, [BODY]).hex().encode()
BAD_256 = b"00" * 32
BAD_512 = b"00" * 64
GOOD_256_BASE64 = encode(Encoding.BASE64, HMAC_SHA256.sign(SECRET, [BODY]))
GOOD_512_BASE64 = encode(Encoding.BASE64, HMAC_SHA512.sign(SECRET, [BODY]))


def judge(sender: Sender, headers: Headers, body: bytes = BODY, received_at: int = NOW) -> Verdict:
    return verify(sender, Request("POST", b"", b"", headers, body), [SECRET], received_at)


def custom(value: bytes) -> Verdict:
    return judge(CUSTOM, ((b"x-signature", value),))


def stripe_v1(timestamp: bytes, body: bytes = BODY) -> bytes:
    return b"v1=" + HMAC_SHA256.sign(SECRET, [timestamp, b".", body]).hex().encode()


def stripe(value: bytes, received_at: int = NOW) -> Verdict:
    return judge(STRIPE, ((b"stripe-signature", value),), received_at=received_at)


def test_a_verdict_says_nothing_good_by_default() -> None:
    assert not Verdict().ok


@pytest.mark.parametrize("secrets", [[], [b""], [b"", b""]])
@FOUR
def test_without_a_usable_secret_nothing_verifies(sender: Sender, secrets: list[bytes]) -> None:
    signature = sign(sender, Request("POST", b"", b"", (), BODY), SECRET, NOW).headers
    verdict = verify(sender, Request("POST", b"", b"", signature, BODY), secrets, NOW)
    assert verdict.rejection is Rejection.NO_SECRET


def test_an_empty_secret_is_passed_over_and_keeps_its_place() -> None:
    request = Request("POST", b"", b"", ((b"x-hub-signature-256", b"sha256=" + GOOD_256),), BODY)
    assert verify(GITHUB, request, [b"", SECRET], NOW).secret_index == 1


def test_an_empty_secret_signs_nothing() -> None:
    with pytest.raises(InvalidInputError, match="nothing can be signed"):
        sign(GITHUB, Request("POST", b"", b"", (), BODY), b"", NOW)


@FOUR
def test_an_empty_body_is_verified_like_any_other(sender: Sender) -> None:
    signature = sign(sender, Request("POST", b"", b"", (), b""), SECRET, NOW).headers
    assert judge(sender, signature, b"").ok
    assert judge(sender, signature, b"x").rejection is Rejection.WRONG_SIGNATURE


@FOUR
def test_a_signature_header_that_comes_twice_is_refused_even_if_both_are_right(sender: Sender) -> None:
    signature = sign(sender, Request("POST", b"", b"", (), BODY), SECRET, NOW).headers
    assert judge(sender, signature).ok
    assert judge(sender, (*signature, signature[-1])).rejection is Rejection.MALFORMED_SIGNATURE


@FOUR
@pytest.mark.parametrize(
    "value", [b"", b" ", b",", b"=", b"\xff\xfe", "⚠️".encode(), b"sha256=", b"v0=", b"t=,v1=", b"0" * 32_000]
)
def test_a_signature_header_of_another_shape_is_malformed(sender: Sender, value: bytes) -> None:
    signature = sign(sender, Request("POST", b"", b"", (), BODY), SECRET, NOW).headers
    headers = (*signature[:-1], (signature[-1][0], value))
    assert judge(sender, headers).rejection is Rejection.MALFORMED_SIGNATURE


@FOUR
def test_hex_may_be_in_upper_case_and_surrounded_by_white_space(sender: Sender) -> None:
    signature = sign(sender, Request("POST", b"", b"", (), BODY), SECRET, NOW).headers
    name, value = signature[-1]
    front, equals, digits = value.rpartition(b"=")
    shouted = b" " + front + equals + digits.upper() + b"\t"
    assert judge(sender, (*signature[:-1], (name, shouted))).ok


def test_a_signature_of_the_wrong_length_is_malformed() -> None:
    for digits in (GOOD_256[:-2], GOOD_256[:-1], GOOD_256 + b"00", GOOD_256 + b"0"):
        verdict = judge(GITHUB, ((b"x-hub-signature-256", b"sha256=" + digits),))
        assert verdict.rejection is Rejection.MALFORMED_SIGNATURE


@pytest.mark.parametrize("sender", [GITHUB, STRIPE, SLACK], ids=lambda sender: sender.key)
def test_a_signature_without_its_prefix_is_malformed(sender: Sender) -> None:
    signature = sign(sender, Request("POST", b"", b"", (), BODY), SECRET, NOW).headers
    name, value = signature[-1]
    front, _, digits = value.rpartition(b"=")
    bare = front.removesuffix(sender.schemes[0].signature.prefix.rstrip(b"=")) + digits
    assert judge(sender, (*signature[:-1], (name, bare))).rejection is Rejection.MALFORMED_SIGNATURE


def test_githubs_sha1_header_never_rescues_a_bad_or_missing_sha256() -> None:
    sha1 = (b"x-hub-signature", b"sha1=" + b"ab" * 20)
    strong = b"x-hub-signature-256"
    assert judge(GITHUB, (sha1,)).rejection is Rejection.MISSING_SIGNATURE
    assert judge(GITHUB, (sha1, (strong, b"sha256=" + BAD_256))).rejection is Rejection.WRONG_SIGNATURE
    assert judge(GITHUB, (sha1, (strong, b"sha256="))).rejection is Rejection.MALFORMED_SIGNATURE
    assert judge(GITHUB, (sha1, (strong, b"sha256=" + GOOD_256))).ok


@pytest.mark.parametrize("bad", [BAD_512, b"", b"not hex", GOOD_256])
def test_a_weaker_header_of_the_same_sender_never_rescues_a_stronger_one(bad: bytes) -> None:
    weak = Scheme("weak", Signature(Header("X-Weak")), Template("{body}"))
    strong = Scheme("strong", Signature(Header("X-Strong")), Template("{body}"), HMAC_SHA512)
    sender = replace(CUSTOM, schemes=(strong, weak))
    assert judge(sender, ((b"x-weak", GOOD_256),)).scheme == "weak"
    assert judge(sender, ((b"x-weak", GOOD_256), (b"x-strong", GOOD_512))).scheme == "strong"
    assert not judge(sender, ((b"x-weak", GOOD_256), (b"x-strong", bad))).ok


@pytest.mark.parametrize(
    ("value", "scheme"),
    [
        (GOOD_256, "custom-sha256-hex"),
        (b"sha256=" + GOOD_256, "custom-sha256-hex"),
        (GOOD_512, "custom-sha512-hex"),
        (b"sha512=" + GOOD_512, "custom-sha512-hex"),
        (GOOD_256_BASE64, "custom-sha256-base64"),
        (b"sha256=" + GOOD_256_BASE64, "custom-sha256-base64"),
        (GOOD_512_BASE64, "custom-sha512-base64"),
        (b"sha512=" + GOOD_512_BASE64, "custom-sha512-base64"),
        (BAD_256 + b", " + GOOD_256, "custom-sha256-hex"),
        (b"nonsense,sha256=" + GOOD_256, "custom-sha256-hex"),
        (b"sha256=" + GOOD_256 + b",sha512=" + GOOD_512, "custom-sha256-hex"),
    ],
)
def test_custom_signatures_come_in_many_forms(value: bytes, scheme: str) -> None:
    assert custom(value).scheme == scheme


@pytest.mark.parametrize("prefix", [b"sha1=", b"sha512=", b"md5=", b"SHA256=", b"v1="])
@pytest.mark.parametrize("signature", [GOOD_256, GOOD_256_BASE64])
def test_custom_signatures_under_another_algorithms_name_are_refused(prefix: bytes, signature: bytes) -> None:
    assert custom(prefix + signature).rejection is Rejection.MALFORMED_SIGNATURE


@pytest.mark.parametrize(
    "value",
    [
        b"sha512=" + BAD_512 + b",sha256=" + GOOD_256,
        b"sha256=" + BAD_256 + b",sha512=" + GOOD_512,
        BAD_512 + b"," + GOOD_256,
    ],
)
def test_no_hash_rescues_another_hash_in_the_same_header(value: bytes) -> None:
    assert custom(value).rejection is Rejection.WRONG_SIGNATURE


def test_base64_has_one_spelling_per_signature() -> None:
    assert GOOD_256_BASE64.endswith(b"=")
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    accepted = [
        last for last in alphabet if custom(GOOD_256_BASE64[:-2] + bytes([last]) + b"=").scheme is not None
    ]
    assert accepted == [GOOD_256_BASE64[-2]]
    assert not custom(GOOD_256_BASE64.rstrip(b"=")).ok
    assert not custom(GOOD_256_BASE64[:10] + b"\n" + GOOD_256_BASE64[10:]).ok


def test_only_the_first_32_entries_of_a_header_are_looked_at() -> None:
    assert custom(b",".join([BAD_256] * 31 + [GOOD_256])).ok
    assert custom(b",".join([BAD_256] * 31 + [GOOD_256] + [b"x"] * 10_000)).ok
    assert custom(b",".join([BAD_256] * 32 + [GOOD_256])).rejection is Rejection.WRONG_SIGNATURE
    assert custom(b",".join([BAD_256] * 10_000)).rejection is Rejection.WRONG_SIGNATURE
    assert custom(b"," * 10_000).rejection is Rejection.MALFORMED_SIGNATURE


def test_stripes_test_scheme_v0_is_ignored() -> None:
    stamp = b"%d" % NOW_S
    good = stripe_v1(stamp)
    assert stripe(b"t=" + stamp + b"," + good + b",v0=" + BAD_256).ok
    assert stripe(b"v0=" + BAD_256 + b",t=" + stamp + b", " + good).ok
    disguised = good.replace(b"v1=", b"v0=")
    assert stripe(b"t=" + stamp + b"," + disguised).rejection is Rejection.MALFORMED_SIGNATURE
    mixed = b"t=" + stamp + b"," + disguised + b",v1=" + BAD_256
    assert stripe(mixed).rejection is Rejection.WRONG_SIGNATURE


def test_stripes_secret_is_the_whole_text_whsec_included() -> None:
    secret = b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    request = Request("POST", b"", b"", (), BODY)
    signed = sign(STRIPE, request, secret, NOW)
    assert verify(STRIPE, signed, [secret], NOW).ok
    assert not verify(STRIPE, signed, [secret.removeprefix(b"whsec_")], NOW).ok


def test_a_rolled_secret_verifies_by_either_signature() -> None:
    stamp = b"%d" % NOW_S
    request = Request("POST", b"", b"", (), BODY)
    ((name, old),) = sign(STRIPE, request, b"old", NOW).headers
    both = replace(request, headers=((name, old + b"," + stripe_v1(stamp)),))
    assert verify(STRIPE, both, [b"old"], NOW).ok
    assert verify(STRIPE, both, [SECRET], NOW).ok
    assert verify(STRIPE, both, [b"neither", SECRET], NOW).secret_index == 1
    assert verify(STRIPE, both, [b"neither"], NOW).rejection is Rejection.WRONG_SIGNATURE


def test_githubs_form_bodies_are_signed_as_they_are() -> None:
    form = b"payload=%7B%22action%22%3A%22opened%22%7D"
    headers = sign(GITHUB, Request("POST", b"", b"", (), form), SECRET, NOW).headers
    headers = ((b"content-type", b"application/x-www-form-urlencoded"), *headers)
    assert judge(GITHUB, headers, form).ok
    assert not judge(GITHUB, headers, b'{"action":"opened"}').ok
