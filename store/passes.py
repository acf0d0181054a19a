"""A pass: by it the door knows a test that the owner of a webhook has the relay send.

A webhook may take https only, or only some addresses. The relay stands at neither, so its tests bring a
header that nobody else can write: a MAC by a key that only we have, over the webhook, the time and the body.
It is good for that one body at that one webhook for a minute, and vouches for nothing but where the request
comes from: it is signed, counted and limited like any other.

The digest of the body stands in the header, so that a forged pass is found out before a body is read.
"""

import re
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.hmac import HMAC

from domain.errors import KeyNotInRingError
from store.sealing import KEY_ID_BYTES, Sealer

HEADER: Final = b"fleet-test"
"""In lower case. It is never kept and never passed on, see `domain.event.end_to_end`."""

LIFE_MS: Final = 60_000
"""How far the clocks of relay and ingress, and the way between them, may be apart."""

_PURPOSE: Final = b"fleet test 1"
_FORM: Final = re.compile(
    rb"([0-9a-f]{%d})\.([0-9]{1,15})\.([0-9a-f]{64})\.([0-9a-f]{64})" % (2 * KEY_ID_BYTES)
)


def new_pass(sealer: Sealer, webhook: str, body: bytes, now_ms: int) -> str:
    """The value of the header for one request.

    Args:
        sealer: has the keys.
        webhook: id of the webhook.
        body: the body that is sent.
        now_ms: Unix time in milliseconds.
    """
    key_id, key = sealer.key_for(_PURPOSE)
    digest = _digest(body).hex()
    return f"{key_id.hex()}.{now_ms}.{digest}.{_mac(key, webhook, now_ms, digest).finalize().hex()}"


def is_good(sealer: Sealer, value: bytes, webhook: str, at_ms: int, body: bytes | None = None) -> bool:
    """Whether the value of a header is a pass of ours for this webhook at this time.

    Args:
        sealer: has the keys.
        value: what came.
        webhook: id of the webhook.
        at_ms: when it came, Unix ms.
        body: what came with it; None: it is not read yet.
    """
    found = _FORM.fullmatch(value)
    if found is None:
        return False
    key_id, moment, digest, mac = (part.decode() for part in found.groups())
    sent_at = int(moment)
    if abs(at_ms - sent_at) > LIFE_MS:
        return False
    try:
        _, key = sealer.key_for(_PURPOSE, bytes.fromhex(key_id))
        _mac(key, webhook, sent_at, digest).verify(bytes.fromhex(mac))
    except (KeyNotInRingError, InvalidSignature):
        return False
    return body is None or bytes_eq(_digest(body), bytes.fromhex(digest))


def _mac(key: bytes, webhook: str, sent_at: int, digest: str) -> HMAC:
    mac = HMAC(key, SHA256())
    mac.update(f"{webhook}|{sent_at}|{digest}".encode())
    return mac


def _digest(body: bytes) -> bytes:
    digest = Hash(SHA256())
    digest.update(body)
    return digest.finalize()
