"""Replies: what a handshake is answered with, as data. Nothing is ever sent as HTML."""

from dataclasses import dataclass
from typing import Final, Literal

from domain.senders.source import Source

ContentType = Literal["text/plain; charset=utf-8", "application/json"]
TEXT: Final[ContentType] = "text/plain; charset=utf-8"
JSON: Final[ContentType] = "application/json"


@dataclass(frozen=True, slots=True)
class Echo:
    """What the request says there, sent back: printable ASCII of bounded length, or nothing is answered."""

    source: Source


@dataclass(frozen=True, slots=True)
class Mac:
    """The HMAC-SHA256 of what the request says there, in hex; the key is the secret that vouches for it."""

    source: Source


@dataclass(frozen=True, slots=True)
class Setting:
    """What the owner set as this parameter of the webhook."""

    parameter: str


Value = Echo | Mac | Setting


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with places in it. Without `text` and `json` its body is empty.

    Attributes:
        status: the HTTP status.
        text: the whole body, as plain text.
        json: the members of a JSON body, in order.
        headers: further headers.
        content_type: what is said of the body.
    """

    status: int = 200
    text: Value | None = None
    json: tuple[tuple[str, Value | int], ...] = ()
    headers: tuple[tuple[str, Value], ...] = ()
    content_type: ContentType = TEXT

    @property
    def needs_key(self) -> bool:
        """Whether something in it is computed with the secret."""
        values = [self.text, *(value for _, value in (*self.json, *self.headers))]
        return any(isinstance(value, Mac) for value in values)
