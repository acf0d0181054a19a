"""Whom to trust at the relay, the CAs of the system and those of a file; and what to do when it fails."""

import ssl
from pathlib import Path
from typing import Final

from domain.errors import FleetError

# Verification errors of OpenSSL, from its x509_vfy.h; the ssl module has no names for them.
_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
_MISMATCHES: Final = frozenset({62, 64})  # host name, IP address


class CaFileError(FleetError):
    """The file of CAs cannot be used; the text says why."""


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """TLS for a client that trusts the CAs of the system and those in a PEM file.

    Raises:
        CaFileError: the file cannot be read, or holds no certificate.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if ca_file is None:
        return context
    try:
        context.load_verify_locations(ca_file)
    except ssl.SSLError:
        raise CaFileError(f"FLEET_CA_FILE is {ca_file}; it holds no certificate in PEM form.") from None
    except OSError as error:
        raise CaFileError(f"FLEET_CA_FILE is {ca_file}; it cannot be read: {error.strerror}.") from None
    return context


def distrust(who: str, setting: str, error: Exception) -> str:
    """A sentence about a certificate that is not trusted, and one about what to do.

    Args:
        who: whose certificate it is.
        setting: what the name in the certificate must be in.
        error: why it is not trusted; of the ssl module, unless it is a stranger's.
    """
    sentence = f"The certificate of {who} cannot be trusted"
    if not isinstance(error, ssl.SSLCertVerificationError):
        return f"{sentence}."
    return f"{sentence}: {error.verify_message.rstrip('.')}. {_advice(setting, error.verify_code)}"


def _advice(setting: str, code: int) -> str:
    if code in _MISMATCHES:
        return f"{setting} must have a name that is in the certificate."
    if code == _EXPIRED:
        return "It has to be renewed on the server; compare the clocks of both machines, too."
    if code == _NOT_YET_VALID:
        return "Compare the clocks of both machines."
    return "If a CA of your own issued it, set FLEET_CA_FILE to the certificate of that CA."
