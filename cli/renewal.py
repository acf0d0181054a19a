"""The renewal of a certificate: its files are looked at, and what is new is used without a restart.

Whoever renews (certbot, cert-manager, a person with `cp`) need not know us. Files that cannot be used, such
as a certificate whose key is not written yet, change nothing: the door goes on with what it has.
"""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NoReturn

import structlog

from cli.certificate import CertificateError, Pair, load

LOOK_S: Final = 2.0
"""Seconds between two looks at the files."""
DAY_MS: Final = 86_400_000
WARN_MS: Final = 14 * DAY_MS
"""How long before its end a certificate is warned of."""

_Mark = tuple[int, ...] | None

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class LatestContext(ssl.SSLContext):
    """What a server holds for all its life; each connection gets the latest certificate from it.

    A context of its own for each certificate, and not a second `load_cert_chain` into the one in use: that
    would not be undone when it fails half-way, and would keep the old certificate of another kind (RSA, EC)
    beside the new one.
    """

    latest: ssl.SSLContext

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:  # noqa: ANN401 - whatever it takes
        """The TLS of a new connection."""
        return self.latest.wrap_bio(*args, **options)


class Renewal:
    """The certificate of a door, kept up with its files."""

    def __init__(self, pair: Pair, clock_ms: Callable[[], int]) -> None:
        """What the files hold now.

        Args:
            pair: the files.
            clock_ms: Unix time in milliseconds.

        Raises:
            CertificateError: they cannot be used.
        """
        self._pair = pair
        self._clock_ms = clock_ms
        # Marked before it is read: what changes in between is a change.
        self._seen = _marks(pair)
        self._certificate = load(pair, clock_ms())
        self._quiet_until_ms = 0
        self.context = LatestContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.latest = self._certificate.context

    async def watch(self) -> NoReturn:
        """Look at the files again and again, in a thread: they may be on a slow disk."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Use what the files hold if they have changed, and warn when the certificate ends soon."""
        marks = _marks(self._pair)
        if marks != self._seen:
            self._seen = marks
            self._renew()
        self._warn()

    def _renew(self) -> None:
        try:
            self._certificate = load(self._pair, self._clock_ms())
        except CertificateError as error:
            _log.error("certificate_kept", reason=str(error), serial=self._certificate.serial)
            return
        self.context.latest = self._certificate.context
        self._quiet_until_ms = 0
        _log.info("certificate_renewed", file=str(self._pair.cert), serial=self._certificate.serial)

    def _warn(self) -> None:
        """Say once a day that the certificate ends soon, has ended, or has not begun."""
        now_ms, certificate = self._clock_ms(), self._certificate
        if now_ms < self._quiet_until_ms:
            return
        file = str(self._pair.cert)
        if certificate.expires_ms <= now_ms:
            _log.error("certificate_expired", file=file)
        elif certificate.begins_ms > now_ms:
            _log.warning("certificate_not_yet_valid", file=file)
        elif certificate.expires_ms - now_ms < WARN_MS:
            days = (certificate.expires_ms - now_ms) // DAY_MS
            _log.warning("certificate_expires_soon", file=file, days=days)
        else:
            return
        self._quiet_until_ms = now_ms + DAY_MS


def _marks(pair: Pair) -> tuple[_Mark, _Mark]:
    return _mark(pair.cert), _mark(pair.key)


def _mark(path: Path) -> _Mark:
    """What tells a file from what it was; None: it is not there, or may not be looked at.

    Links are followed, so that another target is another file. The time of the last change of its rights
    is part of it: a file may have been unreadable.
    """
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns
