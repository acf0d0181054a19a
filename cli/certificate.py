"""A certificate of a door and its key: read from files, checked, and made into what a server needs."""

import os
import ssl
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from config.settings import Settings
from domain.errors import FleetError

# Forward secrecy and authenticated encryption only (RFC 9325, section 4.2); all of TLS 1.3 is like that.
_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
_NO_PEM: Final = (ValueError, UnsupportedAlgorithm, x509.InvalidVersion)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key, as PEM files.

    Attributes:
        setting: what the names of their settings begin with.
        cert: the file of the certificate, followed by those of the CAs between it and the root.
        key: the file of its private key.
    """

    setting: str
    cert: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate in use.

    Attributes:
        context: serves it.
        serial: its serial number, in hexadecimal digits.
        begins_ms: Unix time in milliseconds from which it is valid.
        expires_ms: Unix time in milliseconds until which it is valid.
    """

    context: ssl.SSLContext
    serial: str
    begins_ms: int
    expires_ms: int


class CertificateError(FleetError):
    """A door cannot use its certificate or key; the text says which file, why, and never what is in it."""


def of_ingress(settings: Settings) -> Pair | None:
    """The files of the ingress; None: it speaks plain HTTP."""
    return _pair("FLEET_INGRESS_TLS", settings.ingress_tls_cert, settings.ingress_tls_key)


def of_relay(settings: Settings) -> Pair | None:
    """The files of the relay; None: it speaks plain HTTP."""
    return _pair("FLEET_RELAY_TLS", settings.relay_tls_cert, settings.relay_tls_key)


def _pair(setting: str, cert: Path | None, key: Path | None) -> Pair | None:
    # The settings have both or neither.
    return None if cert is None or key is None else Pair(setting, cert, key)


def load(pair: Pair, now_ms: int) -> Certificate:
    """What the files hold, checked and ready to serve.

    Args:
        pair: the files.
        now_ms: Unix time in milliseconds.

    Raises:
        CertificateError: one of them cannot be read or used, they do not match, or the certificate expired.
    """
    leaf = _leaf(pair)
    if _plain(_public_key(pair)) != _plain(leaf.public_key()):
        raise _unusable(
            pair,
            "KEY",
            f"it is not the key of the certificate in {pair.cert} (of the first, if there are more)",
        )
    expires_ms = _unix_ms(leaf.not_valid_after_utc)
    if expires_ms <= now_ms:
        raise _unusable(pair, "CERT", f"it expired on {leaf.not_valid_after_utc:%Y-%m-%d}; renew it")
    return Certificate(
        _context(pair), f"{leaf.serial_number:x}", _unix_ms(leaf.not_valid_before_utc), expires_ms
    )


def _leaf(pair: Pair) -> x509.Certificate:
    try:
        leaf = x509.load_pem_x509_certificates(_content(pair, "CERT"))[0]
        leaf.public_key()
    except _NO_PEM:
        raise _unusable(pair, "CERT", "it holds no certificate in PEM form") from None
    return leaf


def _public_key(pair: Pair) -> PublicKeyTypes:
    content = _content(pair, "KEY")
    try:
        return load_pem_private_key(content, None).public_key()
    except TypeError:  # what it says of a key without whose password nothing can be read
        raise _unusable(
            pair,
            "KEY",
            "it is encrypted; write it without a passphrase, as `openssl pkey -in KEY -out FILE` does",
        ) from None
    except _NO_PEM:
        raise _unusable(pair, "KEY", "it holds no private key in PEM form") from None


def _content(pair: Pair, part: str) -> bytes:
    try:
        # A pipe without a writer would be waited for, and a device read, for ever.
        descriptor = os.open(_file(pair, part), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _unusable(pair, part, "it is not a regular file")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read()
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _unusable(pair, part, f"it cannot be read: {error.strerror}") from None


def _plain(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _unix_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _context(pair: Pair) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    try:
        # The password is for a key that became encrypted just now: without one, the terminal would be asked.
        context.load_cert_chain(pair.cert, pair.key, password="")
    except OSError as error:
        # Too weak for this machine's OpenSSL, for example; or changed since it was checked.
        reason = (error.reason if isinstance(error, ssl.SSLError) else error.strerror) or "not valid"
        raise _unusable(pair, "CERT", f"TLS refuses it: {reason.replace('_', ' ').lower()}") from None
    return context


def _file(pair: Pair, part: str) -> Path:
    return pair.key if part == "KEY" else pair.cert


def _unusable(pair: Pair, part: str, why: str) -> CertificateError:
    return CertificateError(f"{pair.setting}_{part} is {_file(pair, part)}; {why}.")
