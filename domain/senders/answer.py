"""The answer to a handshake."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.event import Rejection, Request
from domain.senders.sender import Sender
from domain.senders.verdict import verify


@dataclass(frozen=True, slots=True)
class HandshakeAnswer:
    """What to answer at once, instead of accepting an event.

    Attributes:
        status: the HTTP status.
        content_type: the Content-Type of the body.
        body: the body.
    """

    status: int
    content_type: str
    body: bytes


def answer_handshake(
    sender: Sender, request: Request, secrets: Sequence[bytes], received_at: int
) -> HandshakeAnswer | None:
    """The answer to a sender that checks our address; None when the request is an event, as nearly all are.

    Where a secret is set, only a signed question is answered. Without one the challenge is echoed: it
    discloses nothing, and senders ask before the owner can have stored the secret they issue.

    Args:
        sender: whose webhook was called.
        request: what came.
        secrets: the webhook's secrets.
        received_at: Unix time of receipt in milliseconds.
    """
    questions = (handshake.question(request) for handshake in sender.handshakes)
    challenge = next((question for question in questions if question is not None), None)
    if challenge is None:
        return None
    verdict = verify(sender, request, secrets, received_at)
    if verdict.ok or verdict.rejection is Rejection.NO_SECRET:
        return HandshakeAnswer(200, "text/plain; charset=utf-8", challenge)
    return HandshakeAnswer(401, "text/plain; charset=utf-8", b"")
