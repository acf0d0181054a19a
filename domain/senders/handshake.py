"""A handshake: a question by which a sender checks an address, as data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from domain.event import Request
from domain.senders.content import Content
from domain.senders.mark import Mark, is_in_body
from domain.senders.reply import Reply
from domain.senders.source import Query, Source

MAX_QUESTION_BYTES: Final = 16 * 1024
"""A larger body is no question."""


class Proof(Enum):
    """What vouches for a question before it is answered."""

    NOTHING = auto()
    SIGNATURE = auto()
    SIGNATURE_WHEN_SECRET = auto()
    """Senders ask before the owner can have stored the secret they issue: without one nothing is checked."""
    OWN_SECRET = auto()
    """It brings the secret and may be signed with it."""


@dataclass(frozen=True, slots=True)
class QueryToken:
    """A token in the query that has to equal a parameter of the webhook. Else it is answered 403.

    Attributes:
        source: where the token stands.
        parameter: the name of the parameter; while it is not set, every token is wrong.
    """

    source: Query
    parameter: str


@dataclass(frozen=True, slots=True)
class Handshake:
    """A question and its answer.

    Attributes:
        name: what the sender calls it.
        marks: what tells it from an event; all of them have to hold.
        reply: the answer.
        methods: the HTTP methods by which it comes. A GET or HEAD brings no body.
        proof: what vouches for it.
        captures: where the sender hands over the secret with which it will sign. Such a question is one
            only while the webhook has no secret, or anybody could replace it.
        is_event: whether the request is an event, too: it is accepted, and the reply is that to the event.

    Raises:
        ValueError: the reply is computed with a key, and there need not be one.
    """

    name: str
    marks: tuple[Mark, ...]
    reply: Reply
    methods: tuple[str, ...] = ("POST",)
    proof: Proof | QueryToken = Proof.NOTHING
    captures: Source | None = None
    is_event: bool = False
    _head: tuple[Mark, ...] = field(init=False, repr=False, compare=False)
    _body: tuple[Mark, ...] = field(init=False, repr=False, compare=False)
    _needles: tuple[re.Pattern[bytes], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.reply.needs_key and self.proof is not Proof.SIGNATURE:
            raise ValueError(f"The reply to {self.name} needs the key of a signature; demand one.")
        patterns = [mark.needle for mark in self.marks]
        object.__setattr__(self, "_head", tuple(mark for mark in self.marks if not is_in_body(mark)))
        object.__setattr__(self, "_body", tuple(mark for mark in self.marks if is_in_body(mark)))
        object.__setattr__(self, "_needles", tuple(pattern for pattern in patterns if pattern is not None))

    def may_come_with(self, content: Content) -> bool:
        """Whether a request may ask this as far as its head says. Its body is not looked at."""
        if content.request.method not in self.methods:
            return False
        for mark in self._head:  # noqa: SIM110 - asked of every event, and a generator costs more than a mark
            if not mark.holds(content):
                return False
        return True

    def is_asked_by(self, content: Content) -> bool:
        """Whether a request asks this.

        Nearly every request is an event: it is told by its head, its size and one search, unparsed.
        """
        if not self.may_come_with(content):
            return False
        body = content.request.body
        if self._body and len(body) > MAX_QUESTION_BYTES:
            return False
        return all(pattern.search(body) for pattern in self._needles) and all(
            mark.holds(content) for mark in self._body
        )


@dataclass(frozen=True, slots=True)
class Question:
    """A request that is a handshake.

    Attributes:
        handshake: what it asks.
        content: the request.
    """

    handshake: Handshake
    content: Content


def asked(handshakes: Sequence[Handshake], request: Request) -> Question | None:
    """What a request asks, None when it is an event, as nearly all are."""
    if not handshakes:
        return None
    content = Content(request)
    for each in handshakes:
        if each.is_asked_by(content):
            return Question(each, content)
    return None


def may_ask(handshakes: Sequence[Handshake], head: Request, size: int | None) -> bool:
    """Whether a request may turn out to be a handshake, judged before its body is read.

    Args:
        handshakes: of its sender.
        head: the request without its body.
        size: bytes of body that it declares; None: it does not say how many there are.
    """
    if not handshakes or size is None or size > MAX_QUESTION_BYTES:
        return False
    content = Content(head)
    return any(each.may_come_with(content) for each in handshakes)
