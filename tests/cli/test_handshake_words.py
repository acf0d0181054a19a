"""Every kind of handshake is told: what is asked, what is answered, and what has to be true for that."""

import pytest

from cli.handshake_words import handshake
from domain.senders.handshake import Handshake, Proof, QueryToken
from domain.senders.mark import Has
from domain.senders.reply import Echo, Mac, Reply, Setting
from domain.senders.source import Header, JsonField, Query

ASKED = (Has(JsonField("a")),)
ECHO = Reply(text=Echo(JsonField("a")))
NOTHING = "answered 200 with an empty body"
KEPT = "It is kept while the webhook has none."
MAC = "the HMAC-SHA256 of what header `X-T` says"
ANSWERED = "answered 200 with what JSON field `a` says"


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (Handshake("ping", ASKED, Reply()), f"`ping` (POST): {NOTHING}."),
        (
            Handshake("look", (), Reply(status=204), methods=("GET", "HEAD")),
            "`look` (GET and HEAD): answered 204 with an empty body.",
        ),
        (
            Handshake("sure", ASKED, ECHO, proof=Proof.SIGNATURE),
            f"`sure` (POST): {ANSWERED}, if it is signed.",
        ),
        (
            Handshake("new", ASKED, ECHO, proof=Proof.SIGNATURE_WHEN_SECRET),
            f"`new` (POST): {ANSWERED}, if it is signed or the webhook has no secret yet.",
        ),
        (
            Handshake("token", ASKED, ECHO, proof=QueryToken(Query("t"), "verify_token")),
            f"`token` (POST): {ANSWERED}, if query parameter `t` is what parameter `verify_token` says.",
        ),
        (
            Handshake("gift", ASKED, Reply(), proof=Proof.OWN_SECRET, captures=JsonField("a")),
            f"`gift` (POST): {NOTHING}. The secret comes with it: JSON field `a`. {KEPT}",
        ),
        (
            Handshake("owner", (), Reply(headers=(("X-V", Setting("code")),)), is_event=True),
            "`owner` (POST): answered 200 with header `X-V`: parameter `code`. It is an event as well.",
        ),
        (
            Handshake(
                "crc",
                ASKED,
                Reply(json=(("type", 1), ("mac", Mac(Header("X-T"))))),
                proof=Proof.SIGNATURE,
            ),
            f"`crc` (POST): answered 200 with JSON, `type`: `1` and `mac`: {MAC}, if it is signed.",
        ),
    ],
)
def test_a_handshake_in_words(question: Handshake, said: str) -> None:
    assert handshake(question) == said
