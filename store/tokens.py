"""Tokens: the unguessable part of a webhook's URL, and the access token of a gateway.

Redis knows tokens by their SHA-256 only. They carry at least 192 bits of randomness, so a plain hash is
enough: there is nothing to guess, hence nothing to slow down.
"""

import hashlib
from base64 import urlsafe_b64encode
from typing import Final

URL_TOKEN_BYTES: Final = 24
ACCESS_TOKEN_BYTES: Final = 32
ACCESS_PREFIX: Final = "fleet_"
"""Lets people and secret scanners see what a stray access token is."""

MAX_TOKEN_CHARS: Final = 200
"""Longer than any token of ours; whatever is longer need not be hashed."""


def url_token(entropy: bytes) -> str:
    """The token of a webhook's URL: 32 characters out of URL_TOKEN_BYTES random bytes."""
    return _base64url(entropy)


def access_token(entropy: bytes) -> str:
    """The access token of a gateway: a prefix and 43 characters out of ACCESS_TOKEN_BYTES random bytes."""
    return ACCESS_PREFIX + _base64url(entropy)


def hashed(token: str) -> str:
    """What Redis knows of a token: its SHA-256 in hex."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()


def _base64url(entropy: bytes) -> str:
    return urlsafe_b64encode(entropy).rstrip(b"=").decode()
