"""A sample: one event of a sender as it would arrive, yet unsigned, with places for what is new each time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlencode

from domain.event import Headers, Request
from domain.senders.samples.places import Json, Places

JSON_TYPE: Final = "application/json"
FORM_TYPE: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form body, in order."""

    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sample:
    """An event that a sender could have sent. The shape is the sender's, the values are invented.

    Attributes:
        event: its type, as the gateway lists it.
        body: what is sent: JSON, or a form. Texts may have places (see `Places`).
        headers: what the sender says beside the body, its signature excepted. Values may have places.
        content_type: of the body; "" stands for what its kind demands.
    """

    event: str
    body: "Json | Form"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content_type: str = ""

    def request(self, places: Places) -> Request:
        """The sample as a request to the bare address of a webhook."""
        if isinstance(self.body, Form):
            fields = {name: places.in_text(text) for name, text in self.body.fields.items()}
            declared, body = FORM_TYPE, urlencode(fields).encode("ascii")
        else:
            declared, body = JSON_TYPE, encoded(places.in_json(self.body))
        headers = {"Content-Type": self.content_type or declared, **self.headers}
        return Request("POST", b"", b"", _headers(headers, places), body)

    def named(self, event: str, *, header: str) -> "Sample":
        """This sample as another event, for senders that name the event in a header."""
        return replace(self, event=event, headers={**self.headers, header: event})


def encoded(document: object) -> bytes:
    """A document as most senders write JSON: without white space, in plain UTF-8."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _headers(headers: Mapping[str, str], places: Places) -> Headers:
    return tuple(
        (name.lower().encode("ascii"), places.in_text(value).encode("ascii"))
        for name, value in headers.items()
    )
