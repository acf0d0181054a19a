"""Private keys for ssh, in the formats that ssh-keygen and OpenSSL write; never encrypted."""

from io import StringIO
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)
from paramiko import ECDSAKey, Ed25519Key, PKey, RSAKey, SSHException

from workers.git.failure import PollFailedError

_CURVES: Final = ("secp256r1", "secp384r1", "secp521r1")  # RFC 5656, section 10.1


def read_private_key(content: bytes, where: str) -> PKey:
    """The key in a file.

    Args:
        content: of the file.
        where: where it comes from, for sentences: "Secret infra/github".

    Raises:
        PollFailedError: it is encrypted, of another kind, or no key at all.
    """
    text = content.strip().replace(b"\r\n", b"\n") + b"\n"
    is_openssh = text.startswith(b"-----BEGIN OPENSSH PRIVATE KEY-----")
    try:
        return _key((load_ssh_private_key if is_openssh else load_pem_private_key)(text, password=None))
    except TypeError:
        # Of all that is wrong with keys, cryptography says only this with a TypeError.
        raise PollFailedError(
            f"The private key in {where} is encrypted, and nobody is here to type its passphrase; "
            "put one without a passphrase there (ssh-keygen -p removes it)."
        ) from None
    except (ValueError, UnsupportedAlgorithm, SSHException):
        raise PollFailedError(
            f"The private key in {where} cannot be read; it must be an Ed25519, ECDSA or RSA key as "
            "ssh-keygen or OpenSSL write it (OpenSSH or PEM)."
        ) from None


def _key(found: object) -> PKey:
    if isinstance(found, RSAPrivateKey):
        return RSAKey(key=found)
    if isinstance(found, EllipticCurvePrivateKey) and found.curve.name in _CURVES:
        return ECDSAKey(vals=(found, found.public_key()))
    if isinstance(found, Ed25519PrivateKey):
        # paramiko takes these in one form only.
        written = found.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        return Ed25519Key(file_obj=StringIO(written.decode()))
    raise ValueError("of another kind")
