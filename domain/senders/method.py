"""Methods: how a key vouches for a text, or, for the simplest senders, that it is known at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import constant_time, hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import load_der_public_key

Digest = Literal["sha1", "sha256", "sha512"]

DIGESTS: Final[dict[Digest, hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - some senders know nothing better, and HMAC-SHA1 is not broken
    "sha256": hashes.SHA256(),
    "sha512": hashes.SHA512(),
}

_MAX_ASYMMETRIC_CANDIDATES: Final = 4
"""Checking a signature by a public key is slow; a rolled key needs two."""


@dataclass(frozen=True, slots=True)
class Hmac:
    """HMAC (RFC 2104).

    Attributes:
        digest: the hash function.
        size: how long a signature is, in bytes.
    """

    digest: Digest = "sha256"
    size: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", DIGESTS[self.digest].digest_size)

    def takes(self, key: bytes) -> bool:  # noqa: ARG002 - what other methods have to look at
        """Whether a key is of the right kind: any is."""
        return True

    def sign(self, key: bytes, parts: Sequence[bytes]) -> bytes:
        """The signature of a text given in parts, which are never joined: a body can be large."""
        mac = hmac.HMAC(key, DIGESTS[self.digest])
        for part in parts:
            mac.update(part)
        return mac.finalize()

    def matches(self, key: bytes, parts: Sequence[bytes], candidates: Sequence[bytes]) -> bool:
        """Whether one of several signatures is that of the text; each comparison takes constant time."""
        return _is_among(self.sign(key, parts), candidates)


@dataclass(frozen=True, slots=True)
class Hashed:
    """A plain hash of a text of which the secret is a part, as was done before HMAC was common.

    Attributes:
        digest: the hash function.
        size: how long a signature is, in bytes.
    """

    digest: Digest = "sha256"
    size: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", DIGESTS[self.digest].digest_size)

    def takes(self, key: bytes) -> bool:  # noqa: ARG002 - what other methods have to look at
        """Whether a key is of the right kind: any is."""
        return True

    def sign(self, key: bytes, parts: Sequence[bytes]) -> bytes:  # noqa: ARG002 - the key is one of the parts
        """The hash of a text given in parts."""
        return digest_of(self.digest, parts)

    def matches(self, key: bytes, parts: Sequence[bytes], candidates: Sequence[bytes]) -> bool:
        """Whether one of several hashes is that of the text; each comparison takes constant time."""
        return _is_among(self.sign(key, parts), candidates)


@dataclass(frozen=True, slots=True)
class Token:
    """No signature: the secret itself comes along. It says nothing about the body."""

    size: None = None

    def takes(self, key: bytes) -> bool:  # noqa: ARG002 - what other methods have to look at
        """Whether a key is of the right kind: any is."""
        return True

    def sign(self, key: bytes, parts: Sequence[bytes]) -> bytes:  # noqa: ARG002 - nothing is signed
        """What comes along: the secret."""
        return key

    def matches(self, key: bytes, parts: Sequence[bytes], candidates: Sequence[bytes]) -> bool:  # noqa: ARG002
        """Whether one of several texts is the secret; hashed first, so that not even its length shows."""
        hashed = [digest_of("sha256", [candidate]) for candidate in candidates]
        return _is_among(digest_of("sha256", [key]), hashed)


@dataclass(frozen=True, slots=True)
class Ed25519:
    """Ed25519 (RFC 8032); the secret is the public key, 32 bytes."""

    size: int = 64

    def takes(self, key: bytes) -> bool:
        """Whether a key is of the right kind."""
        return _ed25519_key(key) is not None

    def matches(self, key: bytes, parts: Sequence[bytes], candidates: Sequence[bytes]) -> bool:
        """Whether one of several signatures was made by the owner of the key."""
        public = _ed25519_key(key)
        text = b"".join(parts)
        return public is not None and any(
            _is_genuine(public, candidate, text) for candidate in candidates[:_MAX_ASYMMETRIC_CANDIDATES]
        )


@dataclass(frozen=True, slots=True)
class Ecdsa:
    """ECDSA with SHA-256, signatures in DER (RFC 3279); the key is a SubjectPublicKeyInfo."""

    size: None = None

    def takes(self, key: bytes) -> bool:
        """Whether a key is of the right kind."""
        return _ec_key(key) is not None

    def matches(self, key: bytes, parts: Sequence[bytes], candidates: Sequence[bytes]) -> bool:
        """Whether one of several signatures was made by the owner of the key."""
        public = _ec_key(key)
        text = b"".join(parts)
        return public is not None and any(
            _is_signed(public, candidate, text) for candidate in candidates[:_MAX_ASYMMETRIC_CANDIDATES]
        )


Method = Hmac | Hashed | Token | Ed25519 | Ecdsa

HMAC_SHA1: Final = Hmac("sha1")
HMAC_SHA256: Final = Hmac("sha256")
HMAC_SHA512: Final = Hmac("sha512")
TOKEN: Final = Token()


def digest_of(digest: Digest, parts: Sequence[bytes]) -> bytes:
    """The hash of a text given in parts."""
    hashed = hashes.Hash(DIGESTS[digest])
    for part in parts:
        hashed.update(part)
    return hashed.finalize()


def _is_among(expected: bytes, candidates: Sequence[bytes]) -> bool:
    for candidate in candidates:  # noqa: SIM110 - nearly always one, and a generator costs more than it
        if constant_time.bytes_eq(expected, candidate):
            return True
    return False


@lru_cache(maxsize=256)
def _ed25519_key(key: bytes) -> ed25519.Ed25519PublicKey | None:
    try:
        return ed25519.Ed25519PublicKey.from_public_bytes(key)
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _ec_key(key: bytes) -> ec.EllipticCurvePublicKey | None:
    try:
        public = load_der_public_key(key)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return public if isinstance(public, ec.EllipticCurvePublicKey) else None


def _is_genuine(public: ed25519.Ed25519PublicKey, signature: bytes, text: bytes) -> bool:
    try:
        public.verify(signature, text)
    except InvalidSignature:
        return False
    return True


def _is_signed(public: ec.EllipticCurvePublicKey, signature: bytes, text: bytes) -> bool:
    try:
        public.verify(signature, text, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
