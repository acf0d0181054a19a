"""Spellings of a secret: what slips in when a person copies it, on either side."""

from collections.abc import Iterator, Sequence
from typing import Final

from domain.senders.diagnosis.finding import Cause, Finding
from domain.senders.diagnosis.inquiry import Inquiry
from domain.senders.encoding import Encoding
from domain.senders.method import Token
from domain.senders.scheme import Scheme

# What ends up behind or before a secret when it is pasted, or written to a file with echo.
_BLANKS: Final = (
    (b"\n", "a line break"),
    (b"\r\n", "a line break (CR LF)"),
    (b"\r", "a carriage return"),
    (b" ", "a space"),
    (b"\t", "a tab"),
    (b"\xef\xbb\xbf", "a byte order mark"),
    ("\u00a0".encode(), "a space that does not break"),
    ("\u200b".encode(), "a space without width"),
)
_QUOTES: Final = (b'"', b"'", b"`")
_TOKEN_KINDS: Final = (b"Bearer ", b"Token ", b"Basic ")

Variant = tuple[str, bytes]
"""What is different, and the secret."""


def respelt(inquiry: Inquiry) -> Finding | None:
    """The secret is right but for something that nobody sees."""
    for secret in inquiry.secrets:
        for words, variant in (*_of_stored(secret), *_of_sender(secret)):
            if variant and any(inquiry.verdict(scheme, [variant]) for scheme in inquiry.schemes):
                return _misspelt(inquiry, words)
    return None


def _misspelt(inquiry: Inquiry, words: str) -> Finding:
    name = inquiry.case.name
    return Finding(
        Cause.SECRET_SPELLING,
        f"The secret is right but for this: {words}. Set it again without that, here with"
        f" 'fleet webhooks set-secret {name}', or at the sender; both sides need the same bytes.",
        {"difference": words},
    )


def _of_stored(secret: bytes) -> Iterator[Variant]:
    """What the owner may have stored too much of."""
    blanks = b"".join(blank for blank, _ in _BLANKS[:5])
    if secret != secret.strip(blanks):
        yield "the one stored here begins or ends with white space", secret.strip(blanks)
    for blank, words in _BLANKS[5:]:
        if secret != (bare := secret.removeprefix(blank).removesuffix(blank)):
            yield f"the one stored here begins or ends with {words}", bare
    if len(secret) > 1 and secret[:1] in _QUOTES and secret[:1] == secret[-1:]:
        yield "the one stored here stands in quotes", secret[1:-1]


def _of_sender(secret: bytes) -> Iterator[Variant]:
    """What the sender may have."""
    for blank, words in _BLANKS:
        yield f"the sender's ends with {words}", secret + blank
        yield f"the sender's begins with {words}", blank + secret
    for quote in _QUOTES:
        yield "the sender's stands in quotes", quote + secret + quote
    if secret.lower() != secret:
        yield "the sender's is in small letters", secret.lower()
    if secret.upper() != secret:
        yield "the sender's is in capitals", secret.upper()


def swapped(inquiry: Inquiry) -> Finding | None:
    """The secret comes along, but put together differently."""
    for scheme in inquiry.schemes:
        if not isinstance(scheme.method, Token):
            continue
        for secret in inquiry.secrets:
            for words, variant in _of_token(scheme, secret):
                if inquiry.verdict(scheme, [variant]):
                    return Finding(
                        Cause.SECRET_FORM,
                        f"The sender sends the secret, but {words}. Correct it at the sender"
                        f" or store it here as it comes: 'fleet webhooks set-secret {inquiry.case.name}'.",
                        {"difference": words},
                    )
    return None


def _of_token(scheme: Scheme, secret: bytes) -> Sequence[Variant]:
    if scheme.signature.encoding is Encoding.TEXT:
        return [(f"with '{kind.decode().strip()}' before it", kind + secret) for kind in _TOKEN_KINDS]
    user, colon, password = secret.partition(b":")
    if not colon:
        return [("as a user without a password", secret + b":"), ("as a password only", b":" + secret)]
    return [
        ("with user and password swapped", password + b":" + user),
        ("without the user", b":" + password),
        ("without the password", user + b":"),
        ("with the whole secret as the password", b":" + secret),
        ("with the whole secret as the user", secret + b":"),
    ]
