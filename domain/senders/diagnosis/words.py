"""Words: parts of requests and moments, as owners know them."""

from datetime import UTC, datetime

from domain.senders.content import Content
from domain.senders.encoding import Encoding
from domain.senders.method import Hmac, Method
from domain.senders.scheme import Signature
from domain.senders.source import (
    FormField,
    FormJsonField,
    Header,
    HeaderFamily,
    JsonField,
    ParameterHeader,
    Query,
    Source,
)
from domain.senders.timestamp import SignatureEntry


def named(source: Source | SignatureEntry, content: Content) -> str:
    """What an owner calls a place in a request. Of the request itself nothing is said."""
    match source:
        case Header() | HeaderFamily():
            name = f"the header {source.name}"
        case ParameterHeader():
            name = f"the header {content.site.parameters.get(source.parameter, source.default)}"
        case Query():
            name = f"the parameter {source.name} of the address"
        case JsonField():
            name = f"the field {source.path} of the body"
        case FormField() | FormJsonField():
            name = f"the field {source.name} of the form"
        case SignatureEntry():
            name = f"the entry {source.prefix.decode()} of the signature"
        case _:
            name = "a field of the body"
    return name


def spelled(signature: Signature, method: Method) -> str:
    """How a signature is written, such as: sha256=, then 64 hex digits."""
    start = f"{signature.prefix.decode()}, then " if signature.prefix else ""
    if method.size is None or signature.encoding is Encoding.TEXT:
        return f"{start}{'base64' if signature.encoding is Encoding.BASE64 else 'the secret'}"
    if signature.encoding is Encoding.HEX:
        return f"{start}{method.size * 2} hex digits"
    return f"{start}{(method.size + 2) // 3 * 4} characters of base64"


def hash_name(method: Method) -> str:
    """HMAC-SHA256, or what else signs."""
    digest = getattr(method, "digest", "")
    return f"{'HMAC-' if isinstance(method, Hmac) else ''}{digest.upper()}"


def day_and_time(unix_ms: int) -> str:
    """A moment in UTC, to the second."""
    return f"{datetime.fromtimestamp(unix_ms // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
