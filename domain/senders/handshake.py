"""A handshake: a question by which a sender checks an address, as data."""

from dataclasses import dataclass
from typing import Final

from domain.event import Request
from domain.senders.content import Content
from domain.senders.label import label
from domain.senders.source import JsonField

MAX_QUESTION_BYTES: Final = 16 * 1024
MAX_CHALLENGE_CHARS: Final = 1000


@dataclass(frozen=True, slots=True)
class Handshake:
    """A POST of a small JSON body with a challenge in it, which is to be sent back.

    Attributes:
        field: what tells such a body from an event.
        value: what stands there.
        challenge: where the challenge stands.
    """

    field: JsonField
    value: bytes
    challenge: JsonField

    def question(self, request: Request) -> bytes | None:
        """The challenge a request asks back, None when it is no handshake.

        Nearly every request is an event: it is told by its size and one search for the value, unparsed.
        """
        body = request.body
        if request.method != "POST" or len(body) > MAX_QUESTION_BYTES or self.value not in body:
            return None
        content = Content(request)
        if self.field.values(content) != [self.value]:
            return None
        challenge = label(self.challenge.values(content), MAX_CHALLENGE_CHARS)
        return challenge.encode("ascii") if challenge else None
