"""Reading: the body of a request as a value that expressions can look into.

Two programs may read one body differently where a key stands twice; a signature does not say which counts. So
what is not plain is not read at all, and the expression fails closed.
"""

import json
import re
from collections.abc import Sequence
from typing import Final

from domain.event import Request
from domain.senders.content import Content

_PAYLOAD: Final = "payload"
"""The field of a form in which GitHub (content type "form") and Slack (interactivity) send their JSON."""

_JSON_TYPE: Final = re.compile(rb"\s*(application|text)/([\w.-]+\+)?json\s*(;|$)", re.IGNORECASE)
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_INT_DIGITS: Final = 18  # all of them fit into 64 bits


class UnreadError(ValueError):
    """A body says something in a way that can be read in two, or is not what it is declared to be."""


def content_of(request: Request) -> object:
    """What the body of a request says: JSON, or a form as a map; None when it is neither.

    JSON is taken for JSON whatever it is declared to be, as `curl -d` declares a form.

    Raises:
        UnreadError: a key is there twice, a number is none, it is nested too deeply or broken.
    """
    try:
        text = str(request.body, "utf-8")
        return _json(text)
    except UnreadError:
        raise
    except ValueError:
        content = Content(request)
        if content.is_form:
            return _form(content)
        if _JSON_TYPE.match(request.header(b"content-type") or b""):
            raise UnreadError("This is not JSON.") from None
        return None


def _json(text: str) -> object:
    try:
        value: object = json.loads(text, object_pairs_hook=_once, parse_int=_number, parse_constant=_refused)
    except RecursionError:
        raise UnreadError("It is nested too deeply.") from None
    if _SURROGATE.search(text):
        _checked_text(value)
    return value


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadError("A key is there twice.")
    return found


def _number(digits: str) -> int | float:
    """Beyond 64 bits CEL has doubles only, as JavaScript has."""
    return int(digits) if len(digits) <= _INT_DIGITS else _large(digits)


def _large(digits: str) -> int | float:
    as_double = float(digits)
    return int(digits) if abs(as_double) < 2**63 else as_double


def _refused(_name: str) -> object:
    raise UnreadError("NaN and Infinity are no numbers of JSON.")


def _checked_text(value: object) -> None:
    """A text has no half of a surrogate pair, as JSON's escapes allow."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise UnreadError("A text in it has half a character.") from None


def _form(content: Content) -> object:
    fields = content.form
    if fields is None:
        raise UnreadError("This form cannot be read.")
    found = _once(fields)
    if isinstance(payload := found.get(_PAYLOAD), str):
        found[_PAYLOAD] = _json_or_text(payload)
    return found


def _json_or_text(payload: str) -> object:
    try:
        return _json(payload)
    except UnreadError:
        raise
    except ValueError:
        return payload
