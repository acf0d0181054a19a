"""Forms of a secret: as text, or what it stands for in hex or base64, with or without the part before it."""

import binascii
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from domain.senders.diagnosis.finding import Cause, Finding
from domain.senders.diagnosis.inquiry import Inquiry, makes_macs
from domain.senders.encoding import Encoding, encode
from domain.senders.key import TEXT_KEY

_KNOWN_FRONTS: Final = {b"whsec", b"whpk"}


def reformed(inquiry: Inquiry) -> Finding | None:
    """The sender makes another key of the same secret than its description says."""
    for scheme in filter(makes_macs, inquiry.schemes):
        as_text = replace(scheme, key=TEXT_KEY)
        for secret in inquiry.secrets:
            for words, key in _keys(secret):
                if key and inquiry.verdict(as_text, [key]):
                    return _misread(inquiry, words)
    return None


def _misread(inquiry: Inquiry, words: str) -> Finding:
    case = inquiry.case
    return Finding(
        Cause.SECRET_FORM,
        f"The secret is right, but the sender signs with {words}, which is not how {case.sender.title} does"
        f" it. See whether the webhook is set to the right sender ('fleet webhooks update {case.name}"
        " --sender SENDER'), whether the secret was stored whole and not decoded, and what form the sender"
        " expects.",
        {"form": words},
    )


def _keys(secret: bytes) -> Iterator[tuple[str, bytes]]:
    """What a secret can be read as, with words for it."""
    yield "the secret as it is written", secret
    front, line, rest = secret.partition(b"_")
    part = rest if line else b""
    if part:
        yield f"the part after {_front(front)} as text", part
    for text, whole in ((secret, "the secret"), (part, f"the part after {_front(front)}")):
        yield f"what {whole} stands for in base64", _base64(text)
        yield f"what {whole} stands for in hex", _hex(text)
    yield "the secret written in base64", encode(Encoding.BASE64, secret)
    yield "the secret written in hex", encode(Encoding.HEX, secret)


def _front(front: bytes) -> str:
    """What stands before the line: of a secret only what everybody knows may be told."""
    return f"{front.decode()}_" if front in _KNOWN_FRONTS else "the first '_'"


def _base64(text: bytes) -> bytes:
    bare = text.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4), strict_mode=True)
    except binascii.Error:
        return b""


def _hex(text: bytes) -> bytes:
    try:
        return binascii.unhexlify(text)
    except (binascii.Error, ValueError):
        return b""
