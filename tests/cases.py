"""Cases for tests of diagnoses: a request as its sender signs it, and a webhook that takes it otherwise."""

from collections.abc import Mapping
from dataclasses import replace

from domain.event import Request
from domain.secret import SigningSecret
from domain.senders import SENDERS, Site, sign, tailored
from domain.senders.diagnosis import Case, Neighbour

NOW = 1_800_000_000_000
ADDRESS = "https://hooks.example.org/t/V2hhdCBhcmUgeW91IGxvb2tpbmcgZm9y"
BODY = b'{"action":"opened","note":"a/b","name":"J\xc3\xbcrgen <x>"}'
NONE: Mapping[str, str] = {}


def plain(body: bytes = BODY, *headers: tuple[bytes, bytes], query: bytes = b"") -> Request:
    return Request("POST", b"", query, headers, body)


def signed(
    sender: str,
    secret: bytes,
    request: Request | None = None,
    *,
    now: int = NOW,
    parameters: Mapping[str, str] = NONE,
    url: str = ADDRESS,
) -> Request:
    """A request that a sender has signed."""
    fitted = tailored(SENDERS[sender], parameters)
    return sign(fitted, request or plain(), secret, now, Site(url, parameters))


def with_body(request: Request, body: bytes) -> Request:
    """What something on the way made of a request."""
    return replace(request, body=body)


def case(
    sender: str,
    request: Request,
    *secrets: bytes,
    parameters: Mapping[str, str] = NONE,
    ended: Mapping[bytes, int] | None = None,
    neighbours: Mapping[str, bytes] | None = None,
    now: int = NOW,
) -> Case:
    """A request at a webhook of a sender."""
    live = [SigningSecret(f"sec_{at}", value, 0) for at, value in enumerate(secrets)]
    old = [SigningSecret(f"sec_old{at}", *each) for at, each in enumerate(_ended(ended or {}))]
    return Case(
        "hook",
        tailored(SENDERS[sender], parameters),
        request,
        (*live, *old),
        now,
        Site(parameters.get("url", ADDRESS), parameters),
        ADDRESS,
        tuple(Neighbour(name, (secret,)) for name, secret in (neighbours or {}).items()),
    )


def _ended(ended: Mapping[bytes, int]) -> list[tuple[bytes, int, int]]:
    return [(value, 0, at) for value, at in ended.items()]
