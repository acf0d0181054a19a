"""The form of the encrypted file: a head that says what opens it, and everything else under AES-256-GCM.

A file is: magic (14 bytes), what opens it (1), salt (16), nonce (12), ciphertext with tag. The head is the
associated data: whoever changes a byte of the file breaks it. The key comes from a passphrase by scrypt
(RFC 7914) or from a key file by HKDF-SHA256 (RFC 5869). What it costs to derive it is no part of the file,
so that no file can ask for more.
"""

from enum import Enum
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from domain.errors import SealBrokenError

SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
_MAGIC: Final = b"fleet vault 1\n"
_HEAD_BYTES: Final = len(_MAGIC) + 1 + SALT_BYTES
_PURPOSE: Final = b"fleet vault 1"

# OWASP's first choice for scrypt (Password Storage Cheat Sheet): 128 MiB and some tenths of a second.
_SCRYPT_N: Final = 2**17
_SCRYPT_R: Final = 8
_SCRYPT_P: Final = 1


class Opener(Enum):
    """What opens a file."""

    KEY_FILE = b"k"
    PASSPHRASE = b"p"


def derived_key(opener: Opener, secret: bytes, salt: bytes) -> bytes:
    """The key that comes from a passphrase or from what is in a key file."""
    if opener is Opener.PASSPHRASE:
        return Scrypt(salt, _KEY_BYTES, _SCRYPT_N, _SCRYPT_R, _SCRYPT_P).derive(secret)
    return HKDF(SHA256(), _KEY_BYTES, salt, _PURPOSE).derive(secret)


def head_of(content: bytes) -> tuple[Opener, bytes]:
    """What opens a file, and its salt.

    Raises:
        SealBrokenError: this is no such file.
    """
    if len(content) < _HEAD_BYTES + NONCE_BYTES or not content.startswith(_MAGIC):
        raise SealBrokenError("This is no vault.")
    try:
        opener = Opener(content[len(_MAGIC) : len(_MAGIC) + 1])
    except ValueError:
        raise SealBrokenError("This is no vault.") from None
    return opener, content[_HEAD_BYTES - SALT_BYTES : _HEAD_BYTES]


def sealed(plain: bytes, opener: Opener, salt: bytes, key: bytes, nonce: bytes) -> bytes:
    """A file's content.

    Args:
        plain: what is kept.
        opener: what opens it.
        salt: with which the key was derived.
        key: that key.
        nonce: random, never twice under one key.
    """
    head = _MAGIC + opener.value + salt
    return head + nonce + AESGCM(key).encrypt(nonce, plain, head)


def opened(content: bytes, key: bytes) -> bytes:
    """What is kept in a file.

    Raises:
        SealBrokenError: the key is another one, or the file was altered.
    """
    head, rest = content[:_HEAD_BYTES], content[_HEAD_BYTES:]
    try:
        return AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], head)
    except (InvalidTag, ValueError):
        raise SealBrokenError("This key does not open the vault.") from None
