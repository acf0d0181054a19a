"""A request that fails for one reason in its secret: the diagnosis names that reason and no other."""

import binascii
from base64 import b64encode
from dataclasses import replace

import pytest

from domain.senders.diagnosis import Cause, diagnose
from tests.cases import NOW, case, plain, signed
from tests.published import VECTORS, Vector, received_at, request_of, sender_of, site_of

SECRET = b"whsec-Mq3kRt7zWb"
RAW = bytes(range(0x40, 0x60))
WHSEC = b"whsec_" + b64encode(RAW)
DAY_MS = 24 * 3600 * 1000


def test_nothing_is_wrong_with_what_is_verified() -> None:
    finding = diagnose(case("github", signed("github", SECRET), SECRET))
    assert finding.cause is Cause.FINE
    assert finding.facts == {"scheme": "github-sha256"}


@pytest.mark.parametrize("blank", ["\n", "\r\n", " ", "\t", "\u00a0", "\ufeff"])
@pytest.mark.parametrize("end", ["front", "back"])
@pytest.mark.parametrize("side", ["stored here", "the sender's"])
def test_white_space_around_a_secret_is_found_on_either_side(blank: str, end: str, side: str) -> None:
    odd = blank.encode() + SECRET if end == "front" else SECRET + blank.encode()
    stored, theirs = (odd, SECRET) if side == "stored here" else (SECRET, odd)
    finding = diagnose(case("github", signed("github", theirs), stored))
    assert finding.cause is Cause.SECRET_SPELLING
    assert side in finding.sentence
    assert "fleet webhooks set-secret hook" in finding.sentence


@pytest.mark.parametrize(
    ("stored", "theirs", "words"),
    [
        (b'"' + SECRET + b'"', SECRET, "stored here stands in quotes"),
        (SECRET, b"'" + SECRET + b"'", "sender's stands in quotes"),
        (SECRET, SECRET.lower(), "small letters"),
        (SECRET, SECRET.upper(), "capitals"),
    ],
)
def test_quotes_and_capitals_are_found(stored: bytes, theirs: bytes, words: str) -> None:
    finding = diagnose(case("stripe", signed("stripe", theirs), stored))
    assert finding.cause is Cause.SECRET_SPELLING
    assert words in finding.sentence


def test_the_secret_of_another_webhook_is_found_and_the_webhook_named() -> None:
    neighbours = {"shop": b"of the shop", "ci": SECRET}
    finding = diagnose(case("github", signed("github", SECRET), b"another", neighbours=neighbours))
    assert finding.cause is Cause.SECRET_ELSEWHERE
    assert finding.facts == {"webhook": "ci"}
    assert "your webhook ci" in finding.sentence


def test_an_old_secret_is_found_and_since_when_it_is_old() -> None:
    old = {b"older": NOW - 2 * DAY_MS, SECRET: NOW - DAY_MS}
    finding = diagnose(case("github", signed("github", SECRET), b"new", ended=old))
    assert finding.cause is Cause.OLD_SECRET
    assert finding.facts == {"secret": "sec_old1", "ended_at": "2027-01-14 08:00:00 UTC"}
    assert "has not counted since 2027-01-14 08:00:00 UTC" in finding.sentence


@pytest.mark.parametrize(
    ("sender", "stored", "key", "words"),
    [
        ("stripe", WHSEC, RAW, "the part after whsec_ stands for in base64"),
        ("stripe", WHSEC, WHSEC[6:], "the part after whsec_ as text"),
        ("github", b64encode(RAW), RAW, "the secret stands for in base64"),
        ("github", binascii.hexlify(RAW), RAW, "the secret stands for in hex"),
        ("github", RAW, b64encode(RAW), "the secret written in base64"),
        ("github", RAW, binascii.hexlify(RAW), "the secret written in hex"),
        ("github", b"Private_Part1", b"Part1", "the part after the first '_' as text"),
    ],
)
def test_a_secret_that_is_read_in_another_form_is_found(
    sender: str, stored: bytes, key: bytes, words: str
) -> None:
    finding = diagnose(case(sender, signed(sender, key), stored))
    assert finding.cause is Cause.SECRET_FORM
    assert words in finding.sentence
    assert "Private" not in finding.sentence


def test_a_base64_secret_that_the_sender_takes_as_text_is_found() -> None:
    # What Svix would have to store for the sender's key to be the text.
    theirs = b"whsec_" + b64encode(WHSEC)
    finding = diagnose(case("standard-webhooks", signed("standard-webhooks", theirs), WHSEC))
    assert finding.cause is Cause.SECRET_FORM
    assert "the secret as it is written" in finding.sentence


@pytest.mark.parametrize(
    ("theirs", "words"),
    [
        (b"pa:ss:user", "user and password swapped"),
        (b":pa:ss", "without the user"),
        (b"user:", "without the password"),
        (b":user:pa:ss", "the whole secret as the password"),
    ],
)
def test_user_and_password_put_together_differently_are_found(theirs: bytes, words: str) -> None:
    finding = diagnose(case("azure-devops", signed("azure-devops", theirs), b"user:pa:ss"))
    assert finding.cause is Cause.SECRET_FORM
    assert words in finding.sentence


def test_a_token_behind_the_name_of_its_kind_is_found() -> None:
    finding = diagnose(case("okta", signed("okta", b"Bearer " + SECRET), SECRET))
    assert finding.cause is Cause.SECRET_FORM
    assert "with 'Bearer' before it" in finding.sentence


def test_without_any_secret_the_owner_is_told_to_store_one() -> None:
    finding = diagnose(case("github", signed("github", SECRET)))
    assert finding.cause is Cause.NO_SECRET
    assert "fleet webhooks set-secret hook" in finding.sentence


def test_a_secret_of_no_use_to_the_sender_is_found() -> None:
    finding = diagnose(case("discord", plain(b"{}", (b"x-signature-ed25519", b"00" * 64)), b"not a key"))
    assert finding.cause is Cause.UNFIT_SECRET


def test_another_secret_altogether_is_no_known_cause() -> None:
    finding = diagnose(case("github", signed("github", SECRET), b"something else", neighbours={"ci": b"x"}))
    assert finding.cause is Cause.UNKNOWN
    assert "Tried in vain: the clocks, old secrets" in finding.sentence
    assert "Set the same one on both sides" in finding.sentence


VALID = [vector for vector in VECTORS if vector["expect"] == "valid" and vector["secret"]]


@pytest.mark.parametrize("vector", VALID, ids=[f"{v['scheme']}-{at}" for at, v in enumerate(VALID)])
def test_a_line_break_behind_the_stored_secret_is_found_for_every_sender(vector: Vector) -> None:
    sender, request, site = sender_of(vector), request_of(vector), site_of(vector)
    at = received_at(vector)
    right = case("custom", request, vector["secret"].encode(), now=at)
    wrong = case("custom", request, vector["secret"].encode() + b"\n", now=at)
    fine, spelt = (diagnose(replace(each, sender=sender, site=site)) for each in (right, wrong))
    assert fine.cause is Cause.FINE
    assert spelt.cause in {Cause.SECRET_SPELLING, *_keyless(fine.facts["scheme"])}


def _keyless(scheme: object) -> set[Cause]:
    """PayPal and SNS are verified by certificates: the secret is of no concern."""
    return {Cause.FINE} if str(scheme).startswith(("paypal", "sns")) else set()
