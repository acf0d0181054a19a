"""Handshakes in words, as they stand in the documents: `code` between backticks."""

from typing import Final, assert_never

from cli.sender_words import listed, place
from domain.senders.handshake import Handshake, Proof, QueryToken
from domain.senders.reply import Echo, Mac, Reply, Setting, Value

_PROOFS: Final = {
    Proof.NOTHING: "",
    Proof.OWN_SECRET: "",
    Proof.SIGNATURE: ", if it is signed",
    Proof.SIGNATURE_WHEN_SECRET: ", if it is signed or the webhook has no secret yet",
}


def handshake(question: Handshake) -> str:
    """What a sender asks, what it is answered, and what has to be true for that."""
    words = (
        f"`{question.name}` ({listed(question.methods)}): {_reply(question.reply)}{_proof(question.proof)}."
    )
    if question.captures is not None:
        words += (
            f" The secret comes with it: {place(question.captures)}. It is kept while the webhook has none."
        )
    if question.is_event:
        words += " It is an event as well."
    return words


def _proof(proof: Proof | QueryToken) -> str:
    if isinstance(proof, QueryToken):
        return f", if {place(proof.source)} is what parameter `{proof.parameter}` says"
    return _PROOFS[proof]


def _reply(reply: Reply) -> str:
    parts = [] if reply.text is None else [_value(reply.text)]
    if reply.json:
        parts.append("JSON, " + listed([f"`{name}`: {_value(value)}" for name, value in reply.json]))
    parts += [f"header `{name}`: {_value(value)}" for name, value in reply.headers]
    return f"answered {reply.status} with {listed(parts) or 'an empty body'}"


def _value(value: Value | int) -> str:
    match value:
        case int():
            return f"`{value}`"
        case Echo():
            return f"what {place(value.source)} says"
        case Mac():
            return f"the HMAC-SHA256 of what {place(value.source)} says"
        case Setting():
            return f"parameter `{value.parameter}`"
        case _:
            assert_never(value)
