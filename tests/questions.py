"""Questions as senders ask them, signed by hand, and what they are answered."""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes, hmac

from domain.event import Request
from domain.senders import SENDERS, HandshakeAnswer, answer_question, asked
from domain.senders.site import Site

NOW = 1_800_000_000_000
NOW_S = b"1800000000"


def get(query: Mapping[str, str] | None = None, method: str = "GET", **headers: str) -> Request:
    """A question without a body; `_` in names of headers is `-`."""
    return Request(method, b"", urlencode(query or {}).encode(), named(headers), b"")


def post(body: object = b"", query: bytes = b"", **headers: str) -> Request:
    """A question with a body, JSON unless it is bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request("POST", b"", query, named(headers), content)


def form(body: bytes, **headers: str) -> Request:
    return post(body, content_type="application/x-www-form-urlencoded", **headers)


def named(headers: Mapping[str, str]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple(
        (name.replace("_", "-").encode(), value.encode("utf-8", "surrogatepass"))
        for name, value in headers.items()
    )


def mac(secret: bytes, text: bytes, algorithm: hashes.HashAlgorithm | None = None) -> bytes:
    """HMAC of a text, SHA-256 unless told otherwise."""
    made = hmac.HMAC(secret, algorithm or hashes.SHA256())
    made.update(text)
    return made.finalize()


def answered(
    key: str,
    request: Request,
    secrets: Sequence[bytes] = (),
    parameters: Mapping[str, str] | None = None,
    now: int = NOW,
) -> HandshakeAnswer | None:
    """What a sender's request is answered with, None when it is an event."""
    question = asked(SENDERS[key].handshakes, request)
    if question is None:
        return None
    return answer_question(SENDERS[key], question, secrets, now, Site(parameters=parameters or {}))
