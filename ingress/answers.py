"""What senders are told: a status, a few words, and when to come again. Nothing about the inside.

Refusals are problem documents (RFC 9457).
"""

import json
from collections.abc import Sequence
from typing import Final

from starlette.types import Send

from domain.senders import HandshakeAnswer

Headers = Sequence[tuple[bytes, bytes]]

NOSNIFF: Final = (b"x-content-type-options", b"nosniff")
"""What a stranger made us echo is never to be taken for a page."""

_CLOSE: Final = (b"connection", b"close")


_NO_CONTENT: Final = 204


class Answer:
    """One response, ready to be sent any number of times."""

    def __init__(
        self, status: int, body: bytes, content_type: bytes, headers: Headers = (), reason: str = ""
    ) -> None:
        """A response.

        Args:
            status: of HTTP.
            body: its content.
            content_type: of the content.
            headers: further ones.
            reason: why the request is refused, one of `ingress.meters.REFUSALS`; "": it is not.
        """
        self.status = status
        self.reason = reason
        # A 204 has no length (RFC 9110, section 8.6).
        length = [] if status == _NO_CONTENT else [(b"content-length", str(len(body)).encode())]
        self._start = {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", content_type), *length, *headers],
        }
        self._body = {"type": "http.response.body", "body": body}

    async def send(self, send: Send) -> None:
        """Send the response."""
        await send(self._start)
        await send(self._body)


def _problem(status: int, title: str, detail: str, reason: str, headers: Headers = ()) -> Answer:
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Answer(status, json.dumps(document).encode(), b"application/problem+json", headers, reason)


UNKNOWN: Final = _problem(404, "Not Found", "There is no webhook at this address.", "unknown")
METHOD: Final = _problem(405, "Method Not Allowed", "Send events with POST.", "method", [(b"allow", b"POST")])
TOO_LARGE: Final = _problem(413, "Content Too Large", "A body may have at most 1 MiB.", "too_large", [_CLOSE])
HTTPS_ONLY: Final = _problem(
    403, "Forbidden", "Send to the https address of this webhook.", "plain_http", [_CLOSE]
)
NOT_ALLOWED: Final = _problem(403, "Forbidden", "This address may not send here.", "not_allowed", [_CLOSE])
UNSIGNED: Final = _problem(
    401, "Unauthorized", "The request is not signed as this webhook demands.", "unsigned"
)
PAUSED_RETRY_S: Final = 300
WRONG_TOKEN: Final = _problem(403, "Forbidden", "The token is not the one of this webhook.", "wrong_token")
MALFORMED: Final = _problem(400, "Bad Request", "The request cannot be read.", "malformed", [_CLOSE])
UNVOUCHED: Final = _problem(
    401, "Unauthorized", "The credential of this request is missing or wrong.", "unvouched"
)
UNPREPARED: Final = _problem(
    500, "Internal Server Error", "The request cannot be judged here now.", "unprepared"
)
"""What a Git receiver says when nobody could be believed, because of something on our side."""

WINDOW_S: Final = 3600


def unavailable(retry_after_s: int, reason: str) -> Answer:
    """We cannot keep the event now; nothing was accepted. The reason is for ourselves."""
    headers = [(b"retry-after", str(retry_after_s).encode())]
    return _problem(503, "Service Unavailable", "The event was not accepted; send it again.", reason, headers)


def _paused() -> Answer:
    title, detail = "Service Unavailable", "This webhook is paused: nothing is kept. Send it again later."
    document = {"type": "about:blank", "title": title, "status": 503, "detail": detail, "error": "paused"}
    headers = [(b"retry-after", str(PAUSED_RETRY_S).encode())]
    return Answer(503, json.dumps(document).encode(), b"application/problem+json", headers, "paused")


PAUSED: Final = _paused()
"""The owner has the webhook accept nothing for the time being."""


def rate(remaining: int, reset_ms: int) -> tuple[bytes, bytes]:
    """The state of the hourly limit (draft-ietf-httpapi-ratelimit-headers-10, section 4)."""
    return (b"ratelimit", b'"hour";r=%d;t=%d' % (remaining, -(-reset_ms // 1000)))


def limited(limit: int, reset_ms: int) -> Answer:
    """The webhook's events of this hour are spent."""
    retry_after = (b"retry-after", str(max(1, -(-reset_ms // 1000))).encode())
    # Section 3 of the same draft: what the limit is.
    policy = (b"ratelimit-policy", b'"hour";q=%d;w=%d' % (limit, WINDOW_S))
    headers = [retry_after, policy, rate(0, reset_ms)]
    return _problem(
        429, "Too Many Requests", "This webhook accepts no more events this hour.", "limited", headers
    )


def accepted(event: str, remaining: int, reset_ms: int, handshake: HandshakeAnswer | None = None) -> Answer:
    """The event is kept. Its handshake, where it is one, too, says with which status and further headers."""
    body = b'{"id":"%s"}' % event.encode()
    state = rate(remaining, reset_ms)
    if handshake is None:
        return Answer(202, body, b"application/json", (state,))
    return Answer(handshake.status, body, b"application/json", (state, *handshake.headers))


def proven(proof: str) -> Answer:
    """Who asks has our sealing keys, and now knows that we have them."""
    return Answer(200, b'{"proof":"%s"}' % proof.encode(), b"application/json", (NOSNIFF,))


def unreadable(sentence: str) -> Answer:
    """The payload of a push lacks something; the sentence says what."""
    return _problem(400, "Bad Request", sentence, "unreadable")


def heard(updated: Sequence[str] = (), ignored: Sequence[str] = (), headers: Headers = ()) -> Answer:
    """What a Git host's event did to the repos that it means and that believe it, by their names."""
    names = {"matched": sorted([*updated, *ignored]), "updated": updated, "ignored": ignored}
    return Answer(200, json.dumps(names).encode(), b"application/json", headers)


def shaken(handshake: HandshakeAnswer) -> Answer:
    """The answer to a handshake, vague when it is refused."""
    if handshake.rejection is not None:
        return UNSIGNED if handshake.status == UNSIGNED.status else WRONG_TOKEN
    headers = (NOSNIFF, *handshake.headers)
    return Answer(handshake.status, handshake.body, handshake.content_type.encode(), headers)
