"""Shapes that many senders share, so that a description says only what is particular to it."""

from typing import Final

from domain.senders.encoding import Encoding
from domain.senders.key import TEXT_KEY, KeyForm
from domain.senders.method import HMAC_SHA256, TOKEN, Hmac
from domain.senders.scheme import Scheme, Signature
from domain.senders.sender import Parameter
from domain.senders.source import Header, ParameterHeader
from domain.senders.template import Template

BODY: Final = Template("{body}")
PAYLOAD: Final = Template("{payload}")

URL: Final = Parameter(
    "url", "The address exactly as it stands at the sender, should it differ from the URL shown here."
)

HEADERS_UNSIGNED: Final = "The headers are not signed: neither the event type nor the id in them is proven."
BODY_UNSIGNED: Final = "Nothing of the request is signed: whoever has seen the secret once can send anything."


def body_hmac(
    scheme: str,
    header: str,
    prefix: bytes = b"",
    *,
    encoding: Encoding = Encoding.HEX,
    method: Hmac = HMAC_SHA256,
    key: KeyForm = TEXT_KEY,
) -> Scheme:
    """The HMAC of the body in a header."""
    return Scheme(scheme, Signature(Header(header), encoding, prefix), BODY, method, key)


def versioned_hmac(scheme: str, header: str, prefix: bytes) -> Scheme:
    """HMACs of the body in hex, in a list with the names of versions, of which one counts."""
    return Scheme(scheme, Signature(Header(header), prefix=prefix, separator=b","), BODY)


def token(scheme: str, header: Header | ParameterHeader) -> Scheme:
    """The secret itself in a header."""
    return Scheme(scheme, Signature(header, Encoding.TEXT), method=TOKEN)


def basic(scheme: str, header: Header | ParameterHeader) -> Scheme:
    """The secret, "user:password", in a header; "Basic" may be written in any case (RFC 7617, section 2)."""
    signature = Signature(header, Encoding.BASE64, b"Basic ", prefix_in_any_case=True)
    return Scheme(scheme, signature, method=TOKEN)
