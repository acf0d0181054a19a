"""The answer to a handshake."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import constant_time

from domain.event import Headers, Rejection
from domain.senders.handshake import Proof, QueryToken, Question
from domain.senders.label import label
from domain.senders.method import HMAC_SHA256
from domain.senders.reply import TEXT, Echo, Mac, Reply, Setting, Value
from domain.senders.sender import Sender
from domain.senders.site import NOWHERE, Site
from domain.senders.source import Source
from domain.senders.verdict import Verdict, verify

MAX_ECHO_CHARS: Final = 1000
"""Longer challenges are not echoed, and longer secrets not captured: the request is then an event."""

_REFUSED: Final = 401
_WRONG_TOKEN: Final = 403
_VOUCHED: Final = Verdict(scheme="")


@dataclass(frozen=True, slots=True)
class HandshakeAnswer:
    """What to answer at once.

    Attributes:
        status: the HTTP status; 401 and 403 refuse the question.
        content_type: the Content-Type of the body.
        headers: further headers, names in lower case.
        body: the body; empty when the question is refused.
        rejection: why the question is refused, for the owner; None when it is answered.
        captured: the secret that has to be kept before this is answered; None: there is none.
        is_event: whether the request has to be accepted as an event before this is answered.
    """

    status: int
    content_type: str
    headers: Headers = ()
    body: bytes = b""
    rejection: Rejection | None = None
    captured: bytes | None = None
    is_event: bool = False


def answer_question(
    sender: Sender, question: Question, secrets: Sequence[bytes], received_at: int, site: Site = NOWHERE
) -> HandshakeAnswer | None:
    """The answer to a sender that checks our address; None when the request is an event after all.

    It is one when its value cannot be echoed (see MAX_ECHO_CHARS), when the owner has not set the parameter
    that has to be answered, or when it would replace a secret.

    Args:
        sender: whose webhook was called.
        question: what came, see `asked`.
        secrets: the webhook's live secrets.
        received_at: Unix time of receipt in milliseconds.
        site: where it came.
    """
    captured = _captured(question)
    if question.handshake.captures is not None and captured is None:
        return None
    # What was captured already is answered again: the first answer may have been lost on the way.
    is_kept = captured is not None and any(constant_time.bytes_eq(captured, each) for each in secrets)
    if captured is not None and any(secrets) and not is_kept:
        return None
    keys = [captured] if captured is not None else secrets
    verdict = _judged(sender, question, keys, received_at, site)
    if verdict.rejection is not None:
        is_token = isinstance(question.handshake.proof, QueryToken)
        return HandshakeAnswer(_WRONG_TOKEN if is_token else _REFUSED, TEXT, rejection=verdict.rejection)
    key = b"" if verdict.secret_index is None else keys[verdict.secret_index]
    return _Filled(question, site, key).answer(None if is_kept else captured)


def _captured(question: Question) -> bytes | None:
    source = question.handshake.captures
    found = None if source is None else _echoable(source, question)
    return None if found is None else found.encode("ascii")


def _judged(
    sender: Sender, question: Question, keys: Sequence[bytes], received_at: int, site: Site
) -> Verdict:
    """Whether what has to vouch for the question does."""
    proof = question.handshake.proof
    if isinstance(proof, QueryToken):
        return _token_verdict(proof, question, site)
    if proof is Proof.NOTHING:
        return _VOUCHED
    verdict = verify(sender, question.content.request, keys, received_at, site)
    if proof is Proof.SIGNATURE_WHEN_SECRET and verdict.rejection is Rejection.NO_SECRET:
        return _VOUCHED
    if proof is Proof.OWN_SECRET and verdict.rejection is Rejection.MISSING_SIGNATURE:
        return _VOUCHED
    return verdict


def _token_verdict(proof: QueryToken, question: Question, site: Site) -> Verdict:
    expected = site.parameters.get(proof.parameter, "").encode()
    if not expected:
        return Verdict(rejection=Rejection.NO_VERIFY_TOKEN)
    given = proof.source.values(question.content)
    if len(given) != 1 or not constant_time.bytes_eq(expected, given[0]):
        return Verdict(rejection=Rejection.WRONG_VERIFY_TOKEN)
    return _VOUCHED


def _echoable(source: Source, question: Question) -> str | None:
    return label(source.values(question.content), MAX_ECHO_CHARS)


@dataclass(frozen=True, slots=True)
class _Filled:
    """A reply whose places are filled from a question."""

    question: Question
    site: Site
    key: bytes

    def answer(self, captured: bytes | None) -> HandshakeAnswer | None:
        """The answer, None when something that it has to say is not there."""
        reply = self.question.handshake.reply
        headers = [(name.lower().encode(), self._value(value)) for name, value in reply.headers]
        body = self._body(reply)
        if body is None or any(value is None for _, value in headers):
            return None
        return HandshakeAnswer(
            reply.status,
            reply.content_type,
            tuple((name, value.encode("ascii")) for name, value in headers if value is not None),
            body,
            captured=captured,
            is_event=self.question.handshake.is_event,
        )

    def _body(self, reply: Reply) -> bytes | None:
        if reply.text is not None:
            text = self._value(reply.text)
            return None if text is None else text.encode("ascii")
        if not reply.json:
            return b""
        members = [
            (name, value if isinstance(value, int) else self._value(value)) for name, value in reply.json
        ]
        if any(value is None for _, value in members):
            return None
        return json.dumps(dict(members), separators=(",", ":")).encode("ascii")

    def _value(self, value: Value) -> str | None:
        match value:
            case Echo(source):
                return _echoable(source, self.question)
            case Mac(source):
                text = _echoable(source, self.question)
                return None if text is None else HMAC_SHA256.sign(self.key, [text.encode("ascii")]).hex()
            case Setting(parameter):
                return label([self.site.parameters.get(parameter, "").encode()], MAX_ECHO_CHARS)
