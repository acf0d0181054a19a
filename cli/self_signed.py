"""A certificate of our own making, so that a proxy speaks TLS before there is one that senders trust.

It is signed by an authority that lives for this one signature: its key is never written down. Those who are
given `ca.pem` can trust it; nobody else does.
"""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cli import secret_files

CHAIN_FILE: Final = "fullchain.pem"
KEY_FILE: Final = "privkey.pem"
CA_FILE: Final = "ca.pem"

_AUTHORITY: Final = "Fleet Gateway's own authority"
_LIFE: Final = timedelta(days=365)
_RENEWED_BEFORE: Final = timedelta(days=60)
# Clocks differ.
_BACKDATED: Final = timedelta(hours=1)


def ensure(folder: Path, url: str, now_ms: int) -> None:
    """Make a certificate for the host of a URL, unless one is there that lasts a while and names that host.

    Args:
        folder: where it stands; made when missing.
        url: of the public door.
        now_ms: Unix time in milliseconds.
    """
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    names = _names(url)
    if _is_good(folder / CHAIN_FILE, names, now):
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _authority(authority_key, now)
    leaf = _leaf(key, names, authority, authority_key, now)
    secret_files.keep(folder / KEY_FILE, _key_pem(key))
    secret_files.keep(folder / CA_FILE, _pem(authority))
    secret_files.keep(folder / CHAIN_FILE, _pem(leaf) + _pem(authority))


def _names(url: str) -> list[x509.GeneralName]:
    host = urlsplit(url).hostname or "localhost"
    wanted = dict.fromkeys((host, "localhost", "127.0.0.1"))
    return [_general_name(name) for name in wanted]


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _is_good(chain: Path, names: list[x509.GeneralName], now: datetime) -> bool:
    if not chain.exists():
        return False
    leaf = x509.load_pem_x509_certificates(chain.read_bytes())[0]
    named = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return leaf.not_valid_after_utc - now > _RENEWED_BEFORE and list(named) == names


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: str, now: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + _LIFE)
    )


def _authority(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
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
    return (
        _builder(_AUTHORITY, now)
        .public_key(key.public_key())
        .issuer_name(_name(_AUTHORITY))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _leaf(
    key: ec.EllipticCurvePrivateKey,
    names: list[x509.GeneralName],
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.Certificate:
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return (
        _builder("Fleet Gateway", now)
        .public_key(key.public_key())
        .issuer_name(authority.subject)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
