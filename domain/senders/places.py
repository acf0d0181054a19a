"""Places: what else than body and timestamp a signed text may contain, computed from the request.

Each place is a function of the content: the bytes that the sender put there, None when this request cannot
have them, which refuses it.
"""

import re
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring_ascii
from types import MappingProxyType
from typing import Final

from domain.senders.content import Content
from domain.senders.source import FormField, Query

_PORTS: Final = {b"https": b"443", b"http": b"80"}
_ORIGIN: Final = re.compile(rb"(https?)://(\[[^\]]*\]|[^/?#:]*)(:\d*)?(.*)", re.DOTALL)

# HubSpot writes these as themselves before it signs (https://developers.hubspot.com/docs/api/webhooks/validating-requests).
_HUBSPOT_DECODED: Final = {
    f"%{ord(character):02X}".encode(): character.encode() for character in ":/?@!$'()*,;"
}
_HUBSPOT_ESCAPES: Final = re.compile(b"|".join(_HUBSPOT_DECODED), re.IGNORECASE)


def _method(content: Content) -> bytes:
    return content.request.method.encode("ascii")


def _url(content: Content) -> bytes | None:
    return content.url or None


def _url_with_port(content: Content) -> bytes | None:
    """The URL with the port of its scheme written out, should it name none."""
    found = _ORIGIN.fullmatch(content.url)
    if found is None:
        return None
    scheme, host, port, rest = found.groups()
    return b"".join((scheme, b"://", host, port or b":" + _PORTS[scheme], rest))


def _url_without_port(content: Content) -> bytes | None:
    """The URL without its port."""
    found = _ORIGIN.fullmatch(content.url)
    if found is None:
        return None
    scheme, host, _, rest = found.groups()
    return b"".join((scheme, b"://", host, rest))


def _url_hubspot(content: Content) -> bytes | None:
    return _HUBSPOT_ESCAPES.sub(lambda found: _HUBSPOT_DECODED[found[0].upper()], content.url) or None


def _payload(content: Content) -> bytes | None:
    """The JSON that Gitea signs: the body itself, or the field of the form or of the query that holds it."""
    if content.request.method == "GET":
        values = Query("payload").values(content)
    elif content.is_form:
        values = FormField("payload").values(content)
    else:
        return content.request.body
    return values[0] if len(values) == 1 else None


def _form_sorted(content: Content) -> bytes | None:
    """Name and value of each form field, decoded, in order, each pair once (Twilio's RequestValidator).

    A body that is no form is not covered by such a signature, so there must be none.
    """
    if not content.request.body:
        return b""
    if content.form is None:
        return None
    return "".join(name + value for name, value in sorted(set(content.form))).encode("utf-8", "surrogatepass")


def _body_box_escaped(content: Content) -> bytes | None:
    """The body as Box signs one that is not ASCII: escaped as in a JSON string (box-python-sdk, webhooks)."""
    try:
        text = str(content.request.body, "utf-8")
    except UnicodeDecodeError:
        return None
    return _BOX_SPECIAL.sub(_box_escape, text).encode("ascii")


# In runs: a character at a time, 1 MiB of them would take most of a second.
_BOX_SPECIAL: Final = re.compile(r"[^\x00-\x7f]+|\r+|(?:\\(?!/))+")


def _box_escape(found: re.Match[str]) -> str:
    return encode_basestring_ascii(found[0])[1:-1]


PLACES: Final[Mapping[str, Callable[[Content], bytes | None]]] = MappingProxyType(
    {
        "method": _method,
        "url": _url,
        "url_with_port": _url_with_port,
        "url_without_port": _url_without_port,
        "url_hubspot": _url_hubspot,
        "payload": _payload,
        "form_sorted": _form_sorted,
        "body_box_escaped": _body_box_escaped,
    }
)
"""The computed places by their names."""
