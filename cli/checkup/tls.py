"""TLS: whether the certificate at an address is good for its name, and for how long yet."""

import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cli.checkup.row import Row, failed, unchecked, well
from cli.client import is_private
from relay.connector.trust import distrust, trusting

_TIMEOUT_S: Final = 4.0
_DAY_MS: Final = 86_400_000
_SOON_DAYS: Final = 7


def rows(
    check: str, url: str, setting: str, ca_file: Path | None, clock_ms: Callable[[], int]
) -> Iterator[Row]:
    """One row.

    Args:
        check: what it is called.
        url: of the address.
        setting: where the URL stands.
        ca_file: PEM file of CAs to trust besides those of the system.
        clock_ms: Unix time in milliseconds.

    Raises:
        CaFileError: the file of CAs cannot be used.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https":
        if is_private(url):
            yield unchecked(check, "none: it stays on this machine")
        else:
            advice = f"Give it a certificate, or put a proxy with one before it, and https:// into {setting}."
            yield unchecked(check, "none: whoever is on the way reads along", advice)
        return
    try:
        expires_ms = _expires_ms(host, parts.port or 443, trusting(ca_file))
    except ssl.SSLCertVerificationError as error:
        yield failed(check, f"not valid for {host}", distrust(host, setting, error))
        return
    except ssl.SSLError:
        advice = f"What listens there speaks no TLS, or none that we accept (1.2 and newer); check {setting}."
        yield failed(check, f"no TLS at {host}", advice)
        return
    except OSError:
        yield unchecked(check, f"nobody answers at {host}")
        return
    days = (expires_ms - clock_ms()) // _DAY_MS
    if days < _SOON_DAYS:
        yield failed(
            check, f"ends in {days} days", f"Renew the certificate of {host}, and see why nothing did."
        )
    else:
        yield well(check, f"valid for {host}, {days} days left")


def _expires_ms(host: str, port: int, context: ssl.SSLContext) -> int:
    with (
        socket.create_connection((host, port), _TIMEOUT_S) as bare,
        context.wrap_socket(bare, server_hostname=host) as secured,
    ):
        shown = (secured.getpeercert() or {})["notAfter"]
    return ssl.cert_time_to_seconds(str(shown)) * 1000
