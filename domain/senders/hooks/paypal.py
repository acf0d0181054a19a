"""PayPal: signed with a certificate that the request says where to fetch.

Sources: "Verify" in https://developer.paypal.com/api/rest/webhooks/rest/ and
https://developer.paypal.com/docs/api/webhooks/v1/#verify-webhook-signature; the host names and the check of
the name from PayPal's own SDK (paypalrestsdk/notifications.py).

Doubts: the body is bound by its CRC-32 only, so whoever has seen one genuine request can make another body
that the same signature fits. PayPal names no age at which a notification is too old (it repeats them for
three days), so none is. SHA256withRSA is the only algorithm seen so far.
"""

import re
import zlib
from collections.abc import Sequence
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256

from domain.event import Rejection
from domain.senders.content import Content
from domain.senders.encoding import Encoding, decode
from domain.senders.hooks import certificate
from domain.senders.hooks.certificate import Signed
from domain.senders.hooks.hook import Finding, Key
from domain.senders.site import Site
from domain.senders.source import Header

_SIGNATURE: Final = Header("PAYPAL-TRANSMISSION-SIG")
_ID: Final = Header("PAYPAL-TRANSMISSION-ID")
_TIME: Final = Header("PAYPAL-TRANSMISSION-TIME")
_CERTIFICATE: Final = Header("PAYPAL-CERT-URL")
_ALGORITHM: Final = Header("PAYPAL-AUTH-ALGO")

# The whole URL, so that there is no room for a user, a port, or a host that another reader reads otherwise.
_URL: Final = re.compile(
    rb"https://api(?:\.sandbox)?\.paypal\.com/v1/notifications/certs/[A-Za-z0-9_-]{1,100}"
)
_NAMES: Final = re.compile(r"(?:[A-Za-z0-9-]{1,63}\.){1,8}paypal\.com")
_ALGORITHMS: Final = frozenset({b"sha256withrsa"})
_MAX_CHARS: Final = 1000


class Paypal:
    """Judges by certificates of PayPal; the parameter `webhook_id` is part of the signed text."""

    needs_secret = False

    def carried(self, content: Content) -> bool:
        """Whether there is a signature."""
        return bool(_SIGNATURE.values(content))

    def wanted(self, content: Content, site: Site, keys: Sequence[Key]) -> str | Rejection | None:
        """The certificate that the request names, unless the owner gave one."""
        if not site.parameters.get("webhook_id"):
            return Rejection.MISSING_FIELD
        if (fault := _fault(content) or certificate.refusal(keys)) is not None:
            return fault
        return None if keys else _CERTIFICATE.values(content)[0].decode("ascii")

    def judge(
        self, content: Content, site: Site, keys: Sequence[Key], document: bytes | None, received_at: int
    ) -> Finding:
        """Whether the certificate vouches for the ids, the time and the CRC-32 of the body."""
        parts = (
            _ID.values(content)[0],
            _TIME.values(content)[0],
            site.parameters["webhook_id"].encode(),
            b"%d" % zlib.crc32(content.request.body),
        )
        signature = decode(Encoding.BASE64, _SIGNATURE.values(content)[0]) or b""
        signed = Signed(b"|".join(parts), signature, SHA256())
        return certificate.finding(signed, keys, document, _NAMES, received_at)


def _fault(content: Content) -> Rejection | None:
    """Why the request cannot be PayPal's, as far as it shows without the certificate."""
    for header, missing in (
        (_ID, Rejection.MISSING_FIELD),
        (_TIME, Rejection.MISSING_TIMESTAMP),
        (_CERTIFICATE, Rejection.MISSING_FIELD),
        (_ALGORITHM, Rejection.MISSING_FIELD),
    ):
        values = header.values(content)
        if len(values) != 1 or not 0 < len(values[0]) <= _MAX_CHARS:
            return missing
    if _ALGORITHM.values(content)[0].lower() not in _ALGORITHMS:
        return Rejection.UNMET_CONDITION
    if not _URL.fullmatch(_CERTIFICATE.values(content)[0]):
        return Rejection.UNKNOWN_CERTIFICATE
    signatures = _SIGNATURE.values(content)
    if (
        len(signatures) != 1
        or len(signatures[0]) > _MAX_CHARS * 2
        or not decode(Encoding.BASE64, signatures[0])
    ):
        return Rejection.MALFORMED_SIGNATURE
    return None


PAYPAL: Final = Paypal()
