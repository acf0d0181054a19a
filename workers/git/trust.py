"""Whom to trust in TLS: whom the system trusts, whom a repo adds, or anybody if it says so."""

import ssl
from collections import OrderedDict
from hashlib import sha256
from threading import Lock
from typing import Final

from workers.git.failure import PollFailedError

_KEPT: Final = 64


class Trust:
    """TLS contexts by what repos say. One takes some milliseconds to make, so the last ones are kept."""

    def __init__(self) -> None:
        self._contexts: OrderedDict[str, ssl.SSLContext] = OrderedDict()
        self._lock = Lock()

    def context(self, ca_bundle: str, *, anybody: bool) -> tuple[str, ssl.SSLContext]:
        """The context for these settings, and a name that differs whenever they do.

        Args:
            ca_bundle: PEM certificates of CAs to trust besides those of the system; "": none.
            anybody: trust whatever is shown.

        Raises:
            PollFailedError: the bundle holds no certificates.
        """
        name = "anybody" if anybody else sha256(ca_bundle.encode()).hexdigest()
        with self._lock:
            made = self._contexts.get(name)
            if made is None:
                made = self._contexts[name] = _context(ca_bundle, anybody=anybody)
            self._contexts.move_to_end(name)
            if len(self._contexts) > _KEPT:
                self._contexts.popitem(last=False)
        return name, made


def _context(ca_bundle: str, *, anybody: bool) -> ssl.SSLContext:
    made = ssl.create_default_context()
    made.set_alpn_protocols(["http/1.1"])
    if anybody:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    elif ca_bundle:
        try:
            made.load_verify_locations(cadata=ca_bundle)
        except (ssl.SSLError, ValueError):
            raise PollFailedError(
                "caBundle holds no certificate that can be read; it must be PEM, encoded with base64."
            ) from None
    return made
