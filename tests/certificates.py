"""A certification authority for tests, and the certificates of doors that it issues."""

import datetime as dt
import os
import time
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from cli.certificate import Pair

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

SETTING = "FLEET_INGRESS_TLS"


def ec_key() -> PrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def rsa_key(bits: int = 2048) -> PrivateKey:
    return rsa.generate_private_key(65537, bits)


def key_pem(key: PrivateKey, password: bytes | None = None) -> bytes:
    how = NoEncryption() if password is None else BestAvailableEncryption(password)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    # The kernel's clock for files ticks slowly: two writes of a test would look like one.
    now_ns = time.time_ns()
    os.utime(path, ns=(now_ns, now_ns))


@dataclass(frozen=True)
class Issued:
    """A certificate and its key, not yet in files."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def serial(self) -> int:
        return self.certificate.serial_number

    def write_cert(self, pair: Pair) -> None:
        _write(pair.cert, self.certificate.public_bytes(Encoding.PEM))

    def write_key(self, pair: Pair) -> None:
        _write(pair.key, key_pem(self.key))

    def write(self, pair: Pair) -> "Issued":
        self.write_cert(pair)
        self.write_key(pair)
        return self


def files(folder: Path, setting: str = SETTING) -> Pair:
    """Where a door's certificate and key are; nothing is there yet."""
    return Pair(setting, folder / f"{setting}.pem", folder / f"{setting}.key")


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternative(name: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)


@dataclass(frozen=True)
class Authority:
    """A CA. What it issues holds under the strict rules of newer Pythons, too (RFC 5280, section 4.2.1)."""

    key: PrivateKey = field(default_factory=ec_key)
    name: x509.Name = field(default_factory=lambda: _name("Test CA"))

    def _builder(self, subject: x509.Name, key: PrivateKey, days: float) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        begins = now - dt.timedelta(days=1 if days > 0 else 30)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(now + dt.timedelta(days=days))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )

    def write(self, path: Path) -> Path:
        """The certificate of the CA itself, as FLEET_CA_FILE wants it."""
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        certificate = (
            self._builder(self.name, self.key, 30)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .sign(self.key, hashes.SHA256())
        )
        path.write_bytes(certificate.public_bytes(Encoding.PEM))
        return path

    def issue(self, *names: str, days: float = 90, key: PrivateKey | None = None) -> Issued:
        """A certificate for names and addresses; without any, for this machine."""
        key = key or ec_key()
        names = names or ("localhost", "127.0.0.1")
        builder = self._builder(_name(names[0]), key, days).add_extension(
            x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False
        )
        return Issued(builder.sign(self.key, hashes.SHA256()), key)
