"""The public URL: whether it leads to our ingress, and not to nobody or somebody else."""

import json
import ssl
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from socket import gaierror
from typing import Final
from urllib.parse import urlsplit

from cli.checkup.row import Row, failed, unchecked, well
from domain.reach import is_loopback
from relay.connector.trust import distrust, trusting

CHECK: Final = "public URL"
_TIMEOUT_S: Final = 4.0
_READ_AT_MOST: Final = 64 * 1024
_ROUTES: Final = (Path("/proc/net/route"), Path("/proc/net/ipv6_route"))
_LEADS: Final = "/t/ of FLEET_PUBLIC_URL has to lead to the ingress"
_ANYWHERE: Final = "0" * 32
_GATEWAY_AWAY: Final = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}


def rows(url: str, proof: str, ca_file: Path | None, has_way_out: Callable[[], bool]) -> Iterator[Row]:
    """One row.

    Args:
        url: a question to our public door, see `store.proofs`.
        proof: what it has to answer.
        ca_file: PEM file of CAs to trust besides those of the system.
        has_way_out: whether this machine has a way to others.

    Raises:
        CaFileError: the file of CAs cannot be used.
    """
    parts = urlsplit(url)
    host, origin = parts.hostname or "", f"{parts.scheme}://{parts.netloc}"
    began = time.perf_counter()
    try:
        status, content = _answer(url, ca_file)
    except ssl.SSLCertVerificationError as error:
        yield failed(CHECK, f"{origin} is not to be trusted", distrust(host, "FLEET_PUBLIC_URL", error))
        return
    except (OSError, HTTPException) as error:
        yield _of_nobody(origin, host, error, has_way_out())
        return
    yield _of_answer(origin, status, _proof_in(content) == proof, (time.perf_counter() - began) * 1000)


def is_of_another(public_url: str, ingress_url: str) -> bool:
    """Whether the public URL is the loopback of another machine, as it is for a container.

    Args:
        public_url: FLEET_PUBLIC_URL.
        ingress_url: FLEET_INGRESS_URL, how the relay reaches the ingress; by a name when it is not here.
    """
    is_here = is_loopback(urlsplit(ingress_url).hostname or "")
    return is_loopback(urlsplit(public_url).hostname or "") and not is_here


def elsewhere(public_url: str) -> Row:
    """The row of a public URL that cannot be tried from here."""
    return unchecked(
        CHECK,
        f"{public_url} is the machine around this one",
        "Run 'fleet doctor' there, with a token.",
    )


def _of_nobody(origin: str, host: str, error: Exception, has_way_out: bool) -> Row:  # noqa: FBT001 - a fact
    if not has_way_out:
        return unchecked(
            CHECK, "there is no way out of here", "Run 'fleet doctor' on another machine, with a token."
        )
    if isinstance(error, gaierror):
        return failed(
            CHECK, f"{host} has no address", "Make its name known in DNS, or correct FLEET_PUBLIC_URL."
        )
    if isinstance(error, TimeoutError):
        return failed(CHECK, f"{origin} does not answer", f"A firewall may swallow it; {_LEADS}.")
    if isinstance(error, ConnectionRefusedError):
        return failed(
            CHECK, f"nothing listens at {origin}", f"Start the ingress and the proxy before it; {_LEADS}."
        )
    return failed(CHECK, f"{origin} cannot be reached", f"Look at the way there; {_LEADS}.")


def _of_answer(origin: str, status: int, is_ours: bool, took_ms: float) -> Row:  # noqa: FBT001 - a fact
    if status == HTTPStatus.OK and is_ours:
        return well(CHECK, f"answers in {took_ms:.0f} ms, and is ours")
    if status in _GATEWAY_AWAY:
        return failed(
            CHECK, f"{origin} answers {status}", "The proxy is there, the ingress behind it is not; start it."
        )
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        advice = "Senders follow no redirects; let FLEET_PUBLIC_URL be the address where it leads."
        return failed(CHECK, f"{origin} redirects ({status})", advice)
    return failed(
        CHECK,
        f"{origin} answers {status}, and is not ours",
        f"Somebody else answers there, or an ingress with other sealing keys or another clock; {_LEADS}.",
    )


def _answer(url: str, ca_file: Path | None) -> tuple[int, bytes]:
    """Status and beginning of what is answered. No proxy of this machine and no redirect is followed."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = trusting(ca_file)
        connection: HTTPConnection = HTTPSConnection(host, parts.port, timeout=_TIMEOUT_S, context=context)
    else:
        connection = HTTPConnection(host, parts.port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", parts.path, headers={"User-Agent": "fleet-doctor"})
        response = connection.getresponse()
        return response.status, response.read(_READ_AT_MOST)
    finally:
        connection.close()


def _proof_in(content: bytes) -> object:
    try:
        return json.loads(content)["proof"]
    except (ValueError, TypeError, KeyError):
        return None


def has_default_route(files: tuple[Path, ...] = _ROUTES) -> bool:
    """Whether this machine has a way to others; taken for granted where it cannot be seen.

    A container on internal networks alone has none.

    Args:
        files: the routing tables of Linux (proc(5)); a default route has the destination 0 in both.
    """
    tables = [file.read_text() for file in files if file.exists()]
    if not tables:
        return True
    lines = [line.split() for table in tables for line in table.splitlines()]
    return any(_is_default(fields) for fields in lines)


def _is_default(fields: list[str]) -> bool:
    if not fields:
        return False
    if len(fields[0]) == len(_ANYWHERE):  # IPv6: destination and its length first, the device last
        return (fields[0], fields[1]) == (_ANYWHERE, "00") and fields[-1] != "lo"
    return fields[1:2] == ["00000000"]
