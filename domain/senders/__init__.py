"""Senders: their signing rules as data, and the engine that applies them. Bytes in, verdict out."""

from domain.senders.answer import HandshakeAnswer, answer_question
from domain.senders.catalogue import SENDERS
from domain.senders.description import Description, describe
from domain.senders.handshake import Handshake, Question, asked, may_ask
from domain.senders.scheme import Scheme
from domain.senders.sender import Sender
from domain.senders.signing import sign
from domain.senders.verdict import Verdict, verify

__all__ = [
    "SENDERS",
    "Description",
    "Handshake",
    "HandshakeAnswer",
    "Question",
    "Scheme",
    "Sender",
    "Verdict",
    "answer_question",
    "asked",
    "describe",
    "may_ask",
    "sign",
    "verify",
]
