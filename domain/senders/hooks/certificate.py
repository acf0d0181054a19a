"""Certificates with which PayPal and AWS sign: fetched from them, or given by the owner as a secret.

What we check: the name of the subject, the dates at the time of receipt, and that the key is RSA. Who issued
the certificate we do not check, because the intermediate authorities do not come with it: that it is the
sender's rests on TLS to a host of the sender's, or on the owner who gave it.
"""

import datetime as dt
import re
import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import HashAlgorithm
from cryptography.x509.oid import NameOID

from domain.event import Rejection

MAX_BYTES: Final = 64 * 1024
"""A larger text is no certificate."""

_MIN_BITS: Final = 2048
_MAX_BITS: Final = 8192
"""A larger key only costs time; nobody uses one."""

_KEPT: Final = 64


class Signed:
    """A text and its signature: RSA with the padding of PKCS #1 v1.5 (RFC 8017, section 8.2)."""

    def __init__(self, text: bytes, signature: bytes, digest: HashAlgorithm) -> None:
        self._text = text
        self._signature = signature
        self._digest = digest

    def is_by(self, key: RSAPublicKey) -> bool:
        """Whether the owner of a key signed it."""
        try:
            key.verify(self._signature, self._text, padding.PKCS1v15(), self._digest)
        except (InvalidSignature, UnsupportedAlgorithm, ValueError):
            return False
        return True


def is_certificate(secret: bytes) -> bool:
    """Whether a secret is a certificate in PEM, with an RSA key of a usual size."""
    return _certificate(secret) is not None


def vouching(
    signed: Signed,
    given: Sequence[tuple[int | None, bytes]],
    names: re.Pattern[str],
    received_at: int,
) -> int | Rejection | None:
    """Which certificate vouches for a text: what stands before it, or why none does.

    Args:
        signed: the text and its signature.
        given: certificates in PEM.
        names: what the common name of a certificate's subject has to look like.
        received_at: Unix time of receipt in milliseconds.
    """
    certificates = [(index, _certificate(pem)) for index, pem in given]
    known = [(index, made) for index, made in certificates if made and _holds(made, names, received_at)]
    for index, made in known:
        key = made.public_key()
        if isinstance(key, RSAPublicKey) and signed.is_by(key):
            return index
    return Rejection.WRONG_SIGNATURE if known else Rejection.UNKNOWN_CERTIFICATE


@lru_cache(maxsize=_KEPT)
def _certificate(pem: bytes) -> x509.Certificate | None:
    """The first certificate of a PEM file, None when there is none with an RSA key of a usual size."""
    if len(pem) > MAX_BYTES:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # oddities that a later release will refuse
            made = x509.load_pem_x509_certificate(pem)
            key = made.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
    return made if isinstance(key, RSAPublicKey) and _MIN_BITS <= key.key_size <= _MAX_BITS else None


def _holds(made: x509.Certificate, names: re.Pattern[str], received_at: int) -> bool:
    """Whether a certificate has the one name that it should have, and held at a moment."""
    moment = dt.datetime.fromtimestamp(received_at / 1000, dt.UTC)
    if not made.not_valid_before_utc <= moment <= made.not_valid_after_utc:
        return False
    try:
        found = made.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except ValueError:  # the name is read only now
        return False
    return len(found) == 1 and names.fullmatch(str(found[0].value)) is not None
