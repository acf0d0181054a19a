"""JSON Web Tokens as far as senders use them: compact (RFC 7515, section 7.1), one algorithm, no choice."""

import binascii
import re
from dataclasses import dataclass
from typing import Final, cast

from domain.event import Rejection
from domain.senders.content import parsed_json

MAX_BYTES: Final = 16 * 1024
"""A longer token is none."""

LEEWAY_S: Final = 60
"""How far the sender's clock may be from ours ("usually no more than a few minutes", RFC 7519, 4.1.4)."""

_PIECE: Final = re.compile(rb"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Token:
    """A token taken apart; nothing in it is believed yet.

    Attributes:
        header: what it says of itself.
        claims: what it says.
        signed: the text that is signed.
        signature: the signature.
    """

    header: dict[str, object]
    claims: dict[str, object]
    signed: bytes
    signature: bytes


def token_of(text: bytes, algorithm: str) -> Token | None:
    """A token that says it was made with an algorithm; None when the text is none, or names another one.

    The caller names the algorithm because the token must not: "none", or a MAC keyed with a public key, are
    the known ways in (RFC 8725, sections 2.1 and 3.1).
    """
    pieces = text.split(b".") if len(text) <= MAX_BYTES else []
    if len(pieces) != 3:  # noqa: PLR2004 - header, claims, signature
        return None
    header, claims = (_object(piece) for piece in pieces[:2])
    signature = _plain(pieces[2])
    if header is None or claims is None or not signature:
        return None
    # "crit" names what we would have to understand (RFC 7515, section 4.1.11).
    if header.get("alg") != algorithm or "crit" in header:
        return None
    return Token(header, claims, pieces[0] + b"." + pieces[1], signature)


def fault_of_dates(claims: dict[str, object], received_at: int) -> Rejection | None:
    """Why a token does not hold at a moment: every one has an end (`exp`); `nbf` and `iat` it may have.

    Args:
        claims: of the token.
        received_at: Unix time of receipt in milliseconds.
    """
    if "exp" not in claims:
        return Rejection.MISSING_TIMESTAMP
    dates = [claims["exp"], claims.get("nbf", 0), claims.get("iat", 0)]
    if any(isinstance(date, bool) or not isinstance(date, int | float) for date in dates):
        return Rejection.MALFORMED_TIMESTAMP
    end, *begins = cast("list[float]", dates)
    now = received_at / 1000
    # So, and not the other way round: a comparison with NaN, which Python reads in JSON, is never true.
    if not now < end + LEEWAY_S:
        return Rejection.TOO_OLD
    return None if all(begin - LEEWAY_S <= now for begin in begins) else Rejection.TOO_NEW


def _object(piece: bytes) -> dict[str, object] | None:
    plain = _plain(piece)
    found = None if plain is None else parsed_json(plain)
    return cast("dict[str, object]", found) if isinstance(found, dict) else None


def _plain(piece: bytes) -> bytes | None:
    """The bytes behind base64url without padding, None when it is not written as we would write it."""
    if not _PIECE.fullmatch(piece):
        return None
    try:
        plain = binascii.a2b_base64(piece.translate(_STANDARD) + b"=" * (-len(piece) % 4))
    except binascii.Error:
        return None
    return plain if encoded(plain) == piece else None


def encoded(plain: bytes) -> bytes:
    """Bytes as base64url without padding (RFC 7515, section 2)."""
    return binascii.b2a_base64(plain, newline=False).rstrip(b"=").translate(_URL_SAFE)


def decoded(piece: str) -> bytes | None:
    """The bytes behind a base64url text such as keys are written in; None when it is none."""
    return _plain(piece.encode("ascii", "replace"))


_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
