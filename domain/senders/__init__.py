"""Senders: their signing rules as data, and the engine that applies them. Bytes in, verdict out."""

from domain.senders.answer import HandshakeAnswer, answer_question
from domain.senders.catalogue import SENDERS
from domain.senders.description import Description, describe
from domain.senders.handshake import Handshake, Question, asked, may_ask
from domain.senders.recognition import looks_like
from domain.senders.scheme import Scheme
from domain.senders.secret_form import SecretForm, new_secret
from domain.senders.sender import Parameter, Sender
from domain.senders.signing import sign
from domain.senders.site import NOWHERE, Site
from domain.senders.tailoring import parameters_of, tailored, usable
from domain.senders.verdict import Verdict, verify

__all__ = [
    "NOWHERE",
    "SENDERS",
    "Description",
    "Handshake",
    "HandshakeAnswer",
    "Parameter",
    "Question",
    "Scheme",
    "SecretForm",
    "Sender",
    "Site",
    "Verdict",
    "answer_question",
    "asked",
    "describe",
    "looks_like",
    "may_ask",
    "new_secret",
    "parameters_of",
    "sign",
    "tailored",
    "usable",
    "verify",
]
