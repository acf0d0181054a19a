"""Encodings in which signatures are written, read strictly: whoever alters a character gets None."""

import binascii
from enum import StrEnum


class Encoding(StrEnum):
    """How bytes are written as text. Hex is read in either case, base64 only as RFC 4648 spells it."""

    HEX = "hex"
    BASE64 = "base64"
    TEXT = "text"
    """As they are."""


def encode(encoding: Encoding, plain: bytes) -> bytes:
    """Bytes as text, hex in lower case."""
    if encoding is Encoding.HEX:
        return binascii.hexlify(plain)
    if encoding is Encoding.BASE64:
        return binascii.b2a_base64(plain, newline=False)
    return plain


def decode(encoding: Encoding, text: bytes) -> bytes | None:
    """The bytes a text stands for, None when it is not in this encoding.

    Base64 has to be what we would write ourselves: the library passes over foreign characters, and the
    unused last bits may be anything (RFC 4648, section 3.5), but one signature shall have one spelling.
    """
    try:
        if encoding is Encoding.HEX:
            return binascii.unhexlify(text)
        if encoding is Encoding.TEXT:
            return text
        plain = binascii.a2b_base64(text)
    except (binascii.Error, ValueError):
        return None
    return plain if encode(encoding, plain) == text else None
