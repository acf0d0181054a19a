"""The content of a request: what its body says, parsed at most once, and only when somebody asks."""

import json
from functools import cached_property
from typing import Final
from urllib.parse import parse_qsl

from domain.event import Request
from domain.senders.site import NOWHERE, Site

MAX_FORM_BYTES: Final = 256 * 1024
"""A larger form is not searched for fields: decoding a hostile 1 MiB of percent signs takes 0.2 s."""

MAX_FORM_FIELDS: Final = 1000

_FORM_TYPE: Final = b"application/x-www-form-urlencoded"

Fields = list[tuple[str, str]]


def parsed_json(text: bytes) -> object:
    """What a JSON text says; None when it is not JSON in UTF-8, or nested deeper than Python recurses."""
    try:
        return json.loads(str(text, "utf-8"))
    except (ValueError, RecursionError):
        return None


def _parsed_fields(text: bytes) -> Fields | None:
    try:
        return parse_qsl(
            str(text, "utf-8"),
            keep_blank_values=True,
            strict_parsing=False,
            max_num_fields=MAX_FORM_FIELDS,
            errors="strict",
        )
    except ValueError:
        return None


class Content:
    """A request and, on demand, the JSON or the form in its body."""

    def __init__(self, request: Request, site: Site = NOWHERE) -> None:
        self.request = request
        self.site = site

    @cached_property
    def json(self) -> object:
        """The body as JSON, whatever it is declared to be (`curl -d` declares a form); None if it is none."""
        return parsed_json(self.request.body)

    @cached_property
    def is_form(self) -> bool:
        """Whether the body is declared to be a form."""
        declared = self.request.header(b"content-type") or b""
        return declared.partition(b";")[0].strip().lower() == _FORM_TYPE

    @cached_property
    def form(self) -> Fields | None:
        """The fields of a form body, in order; None when it is no form or passes the limits above."""
        if not self.is_form or len(self.request.body) > MAX_FORM_BYTES:
            return None
        return _parsed_fields(self.request.body)

    @cached_property
    def query(self) -> Fields | None:
        """The parameters of the query string, in order; None when they cannot be read."""
        return _parsed_fields(self.request.query)

    @cached_property
    def url(self) -> bytes:
        """The whole address that was called, as its sender was given it; b"" when we were not told it."""
        site = self.site.url.encode("utf-8", "surrogateescape")
        query = self.request.query
        if not site:
            return site
        if b"?" not in site:
            return site + self.request.path + (b"?" + query if query else b"")
        # The address as it was registered, and what the sender added (bodySHA256 of Twilio). Another path or
        # query was not signed. A proxy may have taken the query away.
        known = site.partition(b"?")[2]
        if self.request.path or not (not query or query == known or query.startswith(known + b"&")):
            return b""
        return site + query[len(known) :]
