"""Recognition: who seems to call, for owners who chose another sender, or none."""

from typing import Final

from domain.event import Request
from domain.senders.catalogue import SENDERS
from domain.senders.content import Content
from domain.senders.site import NOWHERE

MAX_BODY_BYTES: Final = 256 * 1024
"""A larger body is not searched for marks: this is help, not a check."""


def looks_like(request: Request) -> tuple[str, ...]:
    """Keys of the senders whose marks a request bears, the most particular first; often more than one.

    Marks prove nothing: everybody can send them. So this names who may be meant and never decides anything.
    Forgejo and Gitea send the headers of Gitea, Gogs and GitHub besides their own, hence the order of the
    catalogue and the marks that must be absent. X-Hub-Signature alone is nobody's mark: it has been used by
    a dozen senders with different hashes.
    """
    seen = request if len(request.body) <= MAX_BODY_BYTES else _without_body(request)
    content = Content(seen, NOWHERE)
    return tuple(key for key, sender in SENDERS.items() if sender.hint.fits(content))


def _without_body(request: Request) -> Request:
    return Request(request.method, request.path, request.query, request.headers, b"")
