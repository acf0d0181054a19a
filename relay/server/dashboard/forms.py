"""Forms: read within bounds of size and time."""

import asyncio
from typing import Final
from urllib.parse import parse_qsl

from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect, Request

from domain.errors import InvalidInputError

MAX_BYTES: Final = 64 * 1024
MAX_FIELDS: Final = 400
"""A page of 200 things that can be chosen, and what else its form has."""

_MAX_DIGITS: Final = 12
_MAX_SECONDS: Final = 10.0
_KIND: Final = "application/x-www-form-urlencoded"


async def read(request: Request) -> FormData:
    """The fields of a form.

    Raises:
        InvalidInputError: it is none, is larger or slower than allowed, or was cut off.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {"", _KIND}:
        raise InvalidInputError("form", "This is no form of the dashboard; reload the page and try again.")
    raw = b""
    try:
        async with asyncio.timeout(_MAX_SECONDS):
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > MAX_BYTES:
                    raise InvalidInputError("form", f"A form has at most {MAX_BYTES} bytes.")
        fields = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
        return FormData([*fields])
    except (TimeoutError, ClientDisconnect, ValueError):
        raise InvalidInputError("form", "The form did not arrive whole; try again.") from None


def number(text: str) -> int | None:
    """What somebody has typed as a whole number, None when it is none or longer than any of ours."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else None


def text(form: FormData, name: str) -> str:
    """A field without space around it, "" when it is not there."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""
