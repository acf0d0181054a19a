"""Posting: one request sent byte for byte, as a sender would, and what was answered."""

import json
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

from domain.errors import FleetError
from relay.connector.trust import distrust, trusting

_TIMEOUT_S: Final = 30.0
_MAX_ANSWER_BYTES: Final = 64 * 1024


class PostingError(FleetError):
    """The public door was not reached. The text says what to do."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What the public door answered.

    Attributes:
        status: the HTTP status.
        document: its body, {} when that is no JSON object.
    """

    status: int
    document: dict[str, Any]

    @property
    def event(self) -> str | None:
        """The id under which the event was accepted; None when none was."""
        found = self.document.get("id")
        return found if isinstance(found, str) else None


def post(url: str, headers: Sequence[tuple[str, str]], body: bytes, ca_file: Path | None) -> Posted:
    """Post to an address: these headers in this order, and no others but Host and Content-Length.

    No proxy and no redirect is followed: the address is as good as a password.

    Args:
        url: where to.
        headers: names and values.
        body: the body.
        ca_file: PEM file of CAs to trust besides those of the system.

    Raises:
        PostingError: nobody answered.
        CaFileError: the file of CAs cannot be used.
    """
    parts = urlsplit(url)
    door = f"{parts.scheme}://{parts.netloc}"
    connection = _connection(parts.scheme, parts.hostname or "", parts.port, ca_file)
    try:
        connection.putrequest("POST", f"{parts.path}?{parts.query}".rstrip("?"), skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        raw = response.read(_MAX_ANSWER_BYTES)
    except ssl.SSLCertVerificationError as error:
        raise PostingError(distrust(door, "FLEET_PUBLIC_URL", error)) from None
    except TimeoutError:
        raise PostingError(f"{door} did not answer within {_TIMEOUT_S:g} seconds; try again.") from None
    except (OSError, HTTPException):
        raise PostingError(
            f"Nothing answers at {door}, the public address of this gateway (FLEET_PUBLIC_URL of its relay)."
            " Is its ingress running, and can it be reached from here?"
        ) from None
    finally:
        connection.close()
    return Posted(response.status, _document(raw))


def _connection(scheme: str, host: str, port: int | None, ca_file: Path | None) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(host, port, timeout=_TIMEOUT_S, context=trusting(ca_file))
    return HTTPConnection(host, port, timeout=_TIMEOUT_S)


def _document(raw: bytes) -> dict[str, Any]:
    try:
        found: object = json.loads(raw)
    except ValueError:
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
