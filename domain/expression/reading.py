"""Reading: the body of a request as a value that expressions can look into.

Two programs may read one body differently where a key stands twice; a signature does not say which counts. So
what is not plain is not read at all, and the expression fails closed.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Final

from domain.event import Request
from domain.senders.content import Content

MAX_DEPTH: Final = 100
"""So many lists and maps may stand in each other; senders need a dozen."""

MAX_PARTS: Final = 100_000
"""JSON with more commas and opening brackets is not read: so 0.08 s is the worst that 1 MiB can take."""

_PAYLOAD: Final = "payload"
"""The field of a form in which GitHub (content type "form") and Slack (interactivity) send their JSON."""

_JSON_TYPE: Final = re.compile(rb"\s*(application|text)/([\w.-]+\+)?json\s*(;|$)", re.IGNORECASE)
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_INT_CHARS: Final = 20  # those of -2**63


class UnreadError(ValueError):
    """A body says something in a way that can be read in two, or is not what it is declared to be."""


class TooManyPartsError(UnreadError):
    """A body has so many values that reading it would take too long."""


def content_of(request: Request) -> object:
    """What the body of a request says: JSON, or a form as a map; None when it is neither.

    JSON is taken for JSON whatever it is declared to be, as `curl -d` declares a form.

    Raises:
        TooManyPartsError: it has more than MAX_PARTS commas and opening brackets, and was not looked into.
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
    opened = text.count("[") + text.count("{")
    if opened + text.count(",") > MAX_PARTS:
        raise TooManyPartsError("It has too many parts.")
    try:
        value: object = json.loads(text, object_pairs_hook=_once, parse_int=_number, parse_constant=_refused)
    except RecursionError:
        raise UnreadError("It is nested too deeply.") from None
    if opened > MAX_DEPTH:
        _check_depth(value)
    if _SURROGATE.search(text):
        _checked_text(value)
    return value


def _check_depth(value: object) -> None:
    """Whatever a library does with each level of a value, it does it on a stack."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [part for each in level for part in _parts(each) if isinstance(part, (dict, list))]
        if not level:
            return
    raise UnreadError("It is nested too deeply.")


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return value if isinstance(value, list) else ()  # pyright: ignore[reportUnknownVariableType]


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadError("A key is there twice.")
    return found


def _number(digits: str) -> int | float:
    """Beyond 64 bits CEL has doubles only, as JavaScript has."""
    if len(digits) > _INT_CHARS:
        return float(digits)
    number = int(digits)
    return number if -(2**63) <= number < 2**63 else float(digits)


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
