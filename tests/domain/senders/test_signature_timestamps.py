"""How timestamps are read, and how far from the receipt they may lie."""

import pytest

from domain.event import Headers, Rejection, Request
from domain.senders import SENDERS, Sender, Verdict, sign, verify
from domain.senders.method import HMAC_SHA256

NOW_S = 1_800_000_000
NOW = NOW_S * 1000
SECRET = b"correct horse"
BODY = b'{"type": "ping"}'

STRIPE, SLACK = SENDERS["stripe"], SENDERS["slack"]
BAD_256 = b"00" * 32


def judge(sender: Sender, headers: Headers, body: bytes = BODY, received_at: int = NOW) -> Verdict:
    return verify(sender, Request("POST", b"", b"", headers, body), [SECRET], received_at)


def stripe_v1(timestamp: bytes, body: bytes = BODY) -> bytes:
    return b"v1=" + HMAC_SHA256.sign(SECRET, [timestamp, b".", body]).hex().encode()


def stripe(value: bytes, received_at: int = NOW) -> Verdict:
    return judge(STRIPE, ((b"stripe-signature", value),), received_at=received_at)


def slack(timestamp: bytes, received_at: int = NOW) -> Verdict:
    signature = b"v0=" + HMAC_SHA256.sign(SECRET, [b"v0:", timestamp, b":", BODY]).hex().encode()
    headers = ((b"x-slack-request-timestamp", timestamp), (b"x-slack-signature", signature))
    return judge(SLACK, headers, received_at=received_at)


@pytest.mark.parametrize(
    ("age_ms", "rejection"),
    [
        (300_000, None),
        (300_001, Rejection.TOO_OLD),
        (-300_000, None),
        (-300_001, None),
        (-(10**12), None),
    ],
)
def test_stripe_limits_the_past_only(age_ms: int, rejection: Rejection | None) -> None:
    stamp = b"%d" % NOW_S
    assert stripe(b"t=" + stamp + b"," + stripe_v1(stamp), NOW + age_ms).rejection is rejection


@pytest.mark.parametrize(
    ("age_ms", "rejection"),
    [
        (300_000, None),
        (300_001, Rejection.TOO_OLD),
        (-300_000, None),
        (-300_001, Rejection.TOO_NEW),
    ],
)
def test_slack_limits_past_and_future(age_ms: int, rejection: Rejection | None) -> None:
    assert slack(b"%d" % NOW_S, NOW + age_ms).rejection is rejection


@pytest.mark.parametrize(
    "stamp",
    [b"", b"-5", b"+5", b"1e9", b"1800000000.5", b"soon", b"0x10", b"1" + b"0" * 30, b"9" * 5000, b"\xb2"],
)
def test_a_timestamp_that_is_no_plain_number_of_seconds_is_malformed(stamp: bytes) -> None:
    assert slack(stamp).rejection is Rejection.MALFORMED_TIMESTAMP
    assert stripe(b"t=" + stamp + b"," + stripe_v1(stamp)).rejection is Rejection.MALFORMED_TIMESTAMP


def test_a_missing_timestamp_has_its_own_reason() -> None:
    assert stripe(stripe_v1(b"")).rejection is Rejection.MISSING_TIMESTAMP
    headers = sign(SLACK, Request("POST", b"", b"", (), BODY), SECRET, NOW).headers
    assert judge(SLACK, headers[1:]).rejection is Rejection.MISSING_TIMESTAMP


def test_a_timestamp_that_comes_twice_is_malformed() -> None:
    stamp = b"%d" % NOW_S
    twice = b"t=" + stamp + b",t=" + stamp + b"," + stripe_v1(stamp)
    assert stripe(twice).rejection is Rejection.MALFORMED_TIMESTAMP
    headers = sign(SLACK, Request("POST", b"", b"", (), BODY), SECRET, NOW).headers
    assert judge(SLACK, (headers[0], *headers)).rejection is Rejection.MALFORMED_TIMESTAMP


def test_a_forged_request_is_wrong_before_it_is_late() -> None:
    late = stripe(b"t=1,v1=" + BAD_256)
    assert late.rejection is Rejection.WRONG_SIGNATURE
