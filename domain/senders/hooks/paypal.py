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
from domain.senders import hosts
from domain.senders.content import Content
from domain.senders.encoding import Encoding, decode
from domain.senders.hook import Rule, Wanted
from domain.senders.hooks import certificate
from domain.senders.hooks.certificate import Signed
from domain.senders.source import Header

SIGNATURE: Final = Header("PAYPAL-TRANSMISSION-SIG")
_ID: Final = Header("PAYPAL-TRANSMISSION-ID")
_TIME: Final = Header("PAYPAL-TRANSMISSION-TIME")
_CERTIFICATE: Final = Header("PAYPAL-CERT-URL")
_ALGORITHM: Final = Header("PAYPAL-AUTH-ALGO")

# The whole URL, so that there is no room for a user, a port, or a host that another reader reads otherwise.
_URL: Final = re.compile(rf"https://{hosts.PAYPAL}/v1/notifications/certs/[A-Za-z0-9_-]{{1,100}}".encode())
_NAMES: Final = re.compile(r"(?:[A-Za-z0-9-]{1,63}\.){1,8}paypal\.com")
_ALGORITHMS: Final = frozenset({b"sha256withrsa"})
_MAX_CHARS: Final = 1000


class Paypal:
    """Judges by certificates of PayPal; the parameter `webhook_id` is part of the signed text."""

    rule = Rule(
        "RSA-SHA256",
        "PayPal's certificate, fetched from `PAYPAL-CERT-URL` or stored as the secret",
        "id and time of the transmission, parameter `webhook_id` and the CRC-32 of the body",
    )
    signs_url = False
    keyless = True

    def usable(self, secret: bytes) -> bool:
        """Whether a secret is a certificate: then none is fetched."""
        return certificate.is_certificate(secret)

    def judge(
        self, content: Content, keys: Sequence[tuple[int, bytes]], received_at: int
    ) -> int | Wanted | Rejection | None:
        """Whether a certificate vouches for the ids, the time and the CRC-32 of the body."""
        webhook_id = content.site.parameters.get("webhook_id", "")
        fault = _fault(content) if webhook_id else Rejection.MISSING_FIELD
        if fault is not None:
            return fault
        url = _one(_CERTIFICATE, content).decode("ascii")
        given: Sequence[tuple[int | None, bytes]] = keys
        if not keys:
            if url not in content.site.documents:
                return Wanted(url)
            given = [(None, content.site.documents[url])]
        checksum = b"%d" % zlib.crc32(content.request.body)
        text = b"|".join((_one(_ID, content), _one(_TIME, content), webhook_id.encode(), checksum))
        signature = decode(Encoding.BASE64, _one(SIGNATURE, content)) or b""
        return certificate.vouching(Signed(text, signature, SHA256()), given, _NAMES, received_at)


def _one(header: Header, content: Content) -> bytes:
    return header.values(content)[0]


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
    if _one(_ALGORITHM, content).lower() not in _ALGORITHMS:
        return Rejection.UNMET_CONDITION
    if not _URL.fullmatch(_one(_CERTIFICATE, content)):
        return Rejection.UNKNOWN_CERTIFICATE
    signatures = SIGNATURE.values(content)
    if (
        len(signatures) != 1
        or len(signatures[0]) > _MAX_CHARS * 2
        or not decode(Encoding.BASE64, signatures[0])
    ):
        return Rejection.MALFORMED_SIGNATURE
    return None


PAYPAL: Final = Paypal()
