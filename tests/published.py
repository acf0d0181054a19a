"""Requests that senders, or independent receivers of theirs, have published; from where is said in each."""

import base64
import json
from pathlib import Path
from typing import NotRequired, TypedDict, cast

from domain.event import Request
from domain.senders import SENDERS, Sender, Site, tailored


class Vector(TypedDict):
    provider: str
    scheme: str
    source: str
    provenance: str
    method: str
    url: str | None
    headers: dict[str, str]
    body_base64: str
    secret: str
    now: int | None
    expect: str
    note: NotRequired[str]
    params: NotRequired[dict[str, str]]


VECTORS = cast(
    "list[Vector]", json.loads((Path(__file__).parent / "domain/senders/vectors.json").read_text("utf-8"))
)

SENDER_OF = {"generic-x-signature": "custom"}
"""The others are called as their publishers call them."""

PINNED = {"github-sha1", "hubspot-v1", "hubspot-v2"}
"""Weak ways of signing count for nobody who has not asked for them."""


def sender_of(vector: Vector) -> Sender:
    parameters = dict(vector.get("params", {}))
    if vector["scheme"] in PINNED:
        parameters["scheme"] = vector["scheme"]
    return tailored(SENDERS[SENDER_OF.get(vector["provider"], vector["provider"])], parameters)


def request_of(vector: Vector) -> Request:
    headers = tuple((name.lower().encode(), value.encode()) for name, value in vector["headers"].items())
    query = (vector["url"] or "").partition("?")[2].encode()
    return Request(vector["method"], b"", query, headers, base64.b64decode(vector["body_base64"]))


def site_of(vector: Vector) -> Site:
    return Site((vector["url"] or "").partition("?")[0], vector.get("params", {}))


def received_at(vector: Vector) -> int:
    """Vectors without a moment of their own hold at any."""
    return (vector["now"] or 0) * 1000
