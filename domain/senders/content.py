"""The content of a request: what its body says, parsed at most once, and only when somebody asks."""

import json
from functools import cached_property
from typing import Final
from urllib.parse import parse_qsl

from domain.event import Request

MAX_FORM_BYTES: Final = 256 * 1024
"""A larger form is not searched for fields: decoding a hostile 1 MiB of percent signs takes 0.2 s."""

MAX_FORM_FIELDS: Final = 1000

_FORM_TYPE: Final = b"application/x-www-form-urlencoded"


def parsed_json(text: bytes) -> object:
    """What a JSON text says; None when it is not JSON in UTF-8, or nested deeper than Python recurses."""
    try:
        return json.loads(str(text, "utf-8"))
    except (ValueError, RecursionError):
        return None


class Content:
    """A request and, on demand, the JSON or the form in its body."""

    def __init__(self, request: Request) -> None:
        self.request = request

    @cached_property
    def json(self) -> object:
        """The body as JSON, whatever it is declared to be (`curl -d` declares a form); None if it is none."""
        return parsed_json(self.request.body)

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        """The parameters of the query string, decoded, in order; none when there are too many."""
        try:
            text = str(self.request.query, "utf-8")
            return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS)
        except ValueError:
            return []

    @cached_property
    def form(self) -> list[tuple[str, str]]:
        """The fields of a form body, in order; none when it is no form or passes the limits above."""
        declared = self.request.header(b"content-type") or b""
        if declared.partition(b";")[0].strip().lower() != _FORM_TYPE:
            return []
        if len(self.request.body) > MAX_FORM_BYTES:
            return []
        try:
            text = str(self.request.body, "utf-8")
            return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS)
        except ValueError:
            return []
