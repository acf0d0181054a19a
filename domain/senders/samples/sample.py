"""A sample: one event of a sender as it would arrive, yet unsigned, with blanks for what is new each time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from domain.event import Headers, Request
from domain.senders.samples.blanks import Blanks, Json
from domain.senders.writing import as_json

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
        event: its type, as the gateway lists it; a name of ours where the sender gives it none.
        body: what is sent: JSON, or a form. Texts may have blanks (see `Blanks`).
        headers: what the sender says beside the body, its signature excepted. Values may have blanks.
        content_type: of the body; "" stands for what its kind demands.
        scheme: id of the scheme that signs it, where that depends on the event; "" where it does not.
    """

    event: str
    body: "Json | Form"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content_type: str = ""
    scheme: str = ""

    def request(self, blanks: Blanks) -> Request:
        """The sample as a request to the bare address of a webhook."""
        if isinstance(self.body, Form):
            fields = {name: blanks.in_text(text) for name, text in self.body.fields.items()}
            declared, body = FORM_TYPE, urlencode(fields).encode("ascii")
        else:
            declared, body = JSON_TYPE, as_json(blanks.in_json(self.body))
        headers = {"Content-Type": self.content_type or declared, **self.headers}
        return Request("POST", b"", b"", _headers(headers, blanks), body)


def _headers(headers: Mapping[str, str], blanks: Blanks) -> Headers:
    return tuple(
        (name.lower().encode("ascii"), blanks.in_text(value).encode("ascii"))
        for name, value in headers.items()
    )
