"""Message authentication: how a secret turns the signed text into a signature."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from cryptography.hazmat.primitives import constant_time, hashes, hmac

Digest = Literal["sha256", "sha512"]

_ALGORITHMS: Final[dict[Digest, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha512": hashes.SHA512(),
}


@dataclass(frozen=True, slots=True)
class Hmac:
    """HMAC (RFC 2104) with the secret as the key, byte for byte as its owner gave it.

    Attributes:
        digest: the hash function.
        size: how long a signature is, in bytes.
    """

    digest: Digest
    size: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", _ALGORITHMS[self.digest].digest_size)

    def sign(self, secret: bytes, parts: Sequence[bytes]) -> bytes:
        """The signature of a text given in parts, which are never joined: a body can be large."""
        mac = hmac.HMAC(secret, _ALGORITHMS[self.digest])
        for part in parts:
            mac.update(part)
        return mac.finalize()

    def matches(self, secret: bytes, parts: Sequence[bytes], candidates: Sequence[bytes]) -> bool:
        """Whether one of several signatures is that of the text; each comparison takes constant time."""
        expected = self.sign(secret, parts)
        return any(constant_time.bytes_eq(expected, candidate) for candidate in candidates)


HMAC_SHA256: Final = Hmac("sha256")
HMAC_SHA512: Final = Hmac("sha512")
