"""The page about senders says everything that the descriptions say, and explains every word it uses."""

import re

import pytest

from cli import sender_words as words
from cli.sender_page import PLACES, page, section
from domain.senders import SENDERS, Sender
from domain.senders import places as computed
from domain.senders.condition import Absent, BodyDigest, Equals, InEach, Present
from domain.senders.key import Base64Key, HexKey, TextKey
from domain.senders.method import HMAC_SHA1, TOKEN, Ecdsa, Ed25519, Hashed
from domain.senders.source import (
    FormField,
    FormJsonField,
    Header,
    HeaderFamily,
    Joined,
    JsonField,
    KeyBeside,
    ParameterHeader,
    Query,
)
from domain.senders.template import BODY, SECRET, TIMESTAMP
from domain.senders.timestamp import Clock, SignatureEntry, Timestamp

PAGE = page("some command")
each_sender = pytest.mark.parametrize("sender", SENDERS.values(), ids=SENDERS)


@each_sender
def test_a_sender_is_told_whole(sender: Sender) -> None:
    told = section(sender)
    assert told in PAGE
    assert told.startswith(f"## {sender.title}\n\n`{sender.key}`")
    assert f"({sender.docs_url})" in told or sender.docs_url is None
    assert all(f"| `{scheme.id}`" in told for scheme in sender.schemes)
    assert all(f"`{{{name}}}`: " in told for scheme in sender.schemes for name, _ in scheme.variables)
    assert all(each.meaning in told for each in sender.parameters)
    assert all(f"- **Handshake.** `{each.name}` (" in told for each in sender.handshakes)
    assert sender.secret.where.replace("<", "\\<") in told
    assert ("**Not covered.** " + sender.uncovered in told) if sender.uncovered else "Not covered" not in told
    assert ("**Doubt.** " + sender.doubt in told) if sender.doubt else "Doubt" not in told
    assert ("Duplicates are dropped." in told) is sender.dedup


@each_sender
def test_what_a_hook_demands_is_told(sender: Sender) -> None:
    for scheme in sender.schemes:
        if scheme.hook is not None:
            rule = scheme.hook.rule
            assert f"| {rule.algorithm} with {rule.key} | {rule.signed}" in section(sender)
            assert f"| {rule.time or 'none'} |" in section(sender)


@each_sender
def test_every_place_in_a_signed_text_is_explained(sender: Sender) -> None:
    for scheme in sender.schemes:
        own = {name for name, _ in scheme.variables}
        assert all(text.names - own <= PLACES.keys() for text in scheme.texts)


def test_the_places_are_those_that_there_are() -> None:
    assert PLACES.keys() == {BODY, TIMESTAMP, SECRET, *computed.PLACES}


def test_the_table_links_to_each_section() -> None:
    titles = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    links = re.findall(r"^\| \[(.+?)\]\(#(.+?)\) \| `", PAGE, re.MULTILINE)
    assert [title for title, _ in links] == titles
    assert len({anchor for _, anchor in links}) == len(SENDERS)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Header("X-A"), "header `X-A`"),
        (HeaderFamily("X-A-", r"\d"), "headers `X-A-*`"),
        (ParameterHeader("auth", "X-A"), "header `X-A`, or the one that parameter `auth` names"),
        (Query("a"), "query parameter `a`"),
        (JsonField("a[].b"), "JSON field `a[].b`"),
        (FormField("a"), "form field `a`"),
        (FormJsonField("a", "b.c"), "JSON field `b.c` in form field `a`"),
        (KeyBeside(("a", "b")), "name of the JSON field beside `a` and `b`"),
        (Joined((Query("a"), Query("b"))), "query parameter `a` and query parameter `b`, joined by `.`"),
    ],
)
def test_where_a_value_stands(source: words.Source, said: str) -> None:
    assert words.place(source) == said


@pytest.mark.parametrize(
    ("form", "method", "said"),
    [
        (TextKey(), HMAC_SHA1, "the secret as it is"),
        (TextKey(unescaped=True), HMAC_SHA1, "the secret as it is with its HTML entities replaced"),
        (HexKey(), Ed25519(), "the public key, decoded from hex"),
        (Base64Key(), Ecdsa(), "the public key, decoded from base64"),
        (
            Base64Key(b"whsec_"),
            HMAC_SHA1,
            "the secret after `whsec_`, decoded from base64; the prefix may be missing",
        ),
        (
            Base64Key(b"whsec_", demands_prefix=True),
            HMAC_SHA1,
            "the secret after `whsec_`, decoded from base64",
        ),
        (
            Base64Key(b"whsec_", bare_is_text=True),
            HMAC_SHA1,
            "the secret after `whsec_`, decoded from base64; without that prefix the secret as it is",
        ),
    ],
)
def test_what_the_key_is(form: words.KeyForm, method: words.Method, said: str) -> None:
    assert words.key(form, method) == said


@pytest.mark.parametrize(
    ("method", "said"),
    [
        (HMAC_SHA1, "HMAC-SHA1"),
        (Hashed(), "plain SHA-256"),
        (TOKEN, "the secret itself"),
        (Ed25519(), "Ed25519"),
        (Ecdsa(), "ECDSA-SHA256"),
    ],
)
def test_what_verifies(method: words.Method, said: str) -> None:
    assert words.method(method) == said


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (Timestamp(Query("t"), 300, 300), "Unix time in seconds; at most 300 s from the receipt"),
        (Timestamp(Query("t"), 43_200, None), "Unix time in seconds; at most 12 h before the receipt"),
        (Timestamp(Query("t"), None, 60), "Unix time in seconds; at most 60 s after it"),
        (
            Timestamp(Query("t"), 600, 0, Clock.RFC_3339),
            "RFC 3339; at most 600 s before the receipt and never after it",
        ),
        (Timestamp(Query("t"), None, None, Clock.MILLISECONDS), "Unix time in milliseconds; of any age"),
    ],
)
def test_how_old_a_request_may_be(time: Timestamp, said: str) -> None:
    assert words.moment(time) == f"query parameter `t`, {said}"


def test_a_time_that_is_only_signed_and_one_in_the_signature() -> None:
    assert words.moment(Timestamp(Query("t"), None, None, Clock.UNREAD)) == "query parameter `t`; of any age"
    beside = words.moment(Timestamp(SignatureEntry(b"t="), 9, 9))
    assert beside == "entry `t=` beside the signature, Unix time in seconds; at most 9 s from the receipt"


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (Equals(Query("a"), b"v1"), "query parameter `a` is `v1`"),
        (Present(Query("a")), "query parameter `a` is there"),
        (Absent(Query("a")), "query parameter `a` is not there"),
        (
            InEach(JsonField("a[]"), JsonField("a[].b")),
            "JSON field `a[].b` is there in each item of JSON field `a[]`",
        ),
        (BodyDigest(Query("a")), "query parameter `a` is the SHA-256 of the body in hex"),
    ],
)
def test_what_is_demanded(condition: words.Condition, said: str) -> None:
    assert words.condition(condition) == said
