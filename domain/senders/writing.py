"""Writing: a value put where a source will find it, for requests that we make up as a sender would."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import cast
from urllib.parse import quote_from_bytes, urlencode

from domain.errors import InvalidInputError
from domain.event import Request
from domain.senders.content import Content, Fields
from domain.senders.site import Site
from domain.senders.source import (
    FormField,
    FormJsonField,
    Header,
    HeaderFamily,
    Joined,
    JsonField,
    KeyBeside,
    ParameterHeader,
    Query,
    Source,
)


def as_json(document: object) -> bytes:
    """A document as most senders write JSON: without white space, in plain UTF-8."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def written(source: Source, value: bytes, request: Request, site: Site) -> Request:
    """The request with a value at a source, in place of what stood there.

    Args:
        source: where.
        value: what it shall find there.
        request: the request so far.
        site: for headers whose names the owner has chosen.

    Raises:
        InvalidInputError: the request has no such place.
    """
    match source:
        case Header() | HeaderFamily() | ParameterHeader():
            return _with_header(_name(source, site), value, request)
        case Query():
            pair = f"{source.name}={quote_from_bytes(value)}".encode()
            return replace(request, query=b"&".join(filter(None, (request.query, pair))))
        case FormField():
            return _with_form(source.name, value, request)
        case JsonField():
            return _with_json(request, lambda document: _put(document, source.path.split("."), value))
        case KeyBeside():
            return _with_json(request, lambda document: _renamed(document, source.names, value))
        case Joined():
            return _joined(source, value, request, site)
        case FormJsonField():
            raise _nowhere()


def _with_header(name: bytes, value: bytes, request: Request) -> Request:
    others = tuple(pair for pair in request.headers if pair[0] != name)
    return replace(request, headers=(*others, (name, value)))


def _name(source: Header | HeaderFamily | ParameterHeader, site: Site) -> bytes:
    """The name of a header; of a family the one that a sender with a single key sends."""
    match source:
        case Header():
            return source.key
        case HeaderFamily():
            ending = source.endings.split("|")[0].replace(r"\d+", "1")
            return f"{source.stem}{ending}".lower().encode("ascii")
        case ParameterHeader():
            return Header(site.parameters.get(source.parameter, source.default)).key


def _with_form(name: str, value: bytes, request: Request) -> Request:
    fields: Fields | None = Content(request).form
    if fields is None:
        raise _nowhere()
    kept = [pair for pair in fields if pair[0] != name]
    return replace(request, body=urlencode([*kept, (name, value)]).encode("ascii"))


def _with_json(request: Request, change: Callable[[object], object]) -> Request:
    return replace(request, body=as_json(change(Content(request).json)))


def _put(document: object, names: list[str], value: bytes) -> object:
    """A document with a text at a path; where a number stands, a number."""
    if not names:
        return int(value) if isinstance(document, int) and value.isdigit() else str(value, "utf-8")
    name, is_list = names[0].removesuffix("[]"), names[0].endswith("[]")
    if name:
        if not isinstance(document, dict):
            raise _nowhere()
        known = cast("dict[str, object]", document)
        below = (
            _in_items(known.get(name), names, value) if is_list else _put(known.get(name), names[1:], value)
        )
        return {**known, name: below}
    return _in_items(document, names, value)


def _in_items(items: object, names: list[str], value: bytes) -> object:
    if not isinstance(items, list):
        raise _nowhere()
    return [_put(item, names[1:], value) for item in cast("list[object]", items)]


def _renamed(document: object, beside: tuple[str, ...], value: bytes) -> object:
    if not isinstance(document, dict):
        raise _nowhere()
    known = cast("dict[str, object]", document)
    return {name if name in beside else str(value, "utf-8"): below for name, below in known.items()}


def _joined(source: Joined, value: bytes, request: Request, site: Site) -> Request:
    parts = value.split(source.separator, len(source.sources) - 1)
    if len(parts) < len(source.sources):
        raise _nowhere()
    for each, part in zip(source.sources, parts, strict=True):
        request = written(each, part, request, site)
    return request


def _nowhere() -> InvalidInputError:
    return InvalidInputError("event", "Events of this sender have no place for that.")
