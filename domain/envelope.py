"""The request of a sender as one string of bytes: what is sealed at rest and what travels in the tunnel.

Layout: length of the head (4 bytes, big endian), the head, the body. The head is method, path, query,
then names and values of the headers, joined by newlines, which none of them can contain.
"""

from typing import Final

from domain.event import Request

_LENGTH_BYTES: Final = 4
_FIXED_PARTS: Final = 3


def pack(request: Request) -> bytes:
    """The envelope of a request.

    Raises:
        ValueError: a part of the head contains a newline.
    """
    parts = [request.method.encode(), request.path, request.query]
    for header in request.headers:
        parts += header
    head = b"\n".join(parts)
    if head.count(b"\n") != len(parts) - 1:
        raise ValueError("A newline in the head of a request.")
    return len(head).to_bytes(_LENGTH_BYTES) + head + request.body


def unpack(envelope: bytes) -> Request:
    """The request in an envelope.

    Raises:
        ValueError: this is no envelope.
    """
    start = _LENGTH_BYTES + int.from_bytes(envelope[:_LENGTH_BYTES])
    parts = envelope[_LENGTH_BYTES:start].split(b"\n")
    if start > len(envelope) or len(parts) < _FIXED_PARTS or len(parts) % 2 == 0:
        raise ValueError("These bytes are no envelope.")
    method, path, query = parts[:_FIXED_PARTS]
    headers = tuple(zip(parts[_FIXED_PARTS::2], parts[_FIXED_PARTS + 1 :: 2], strict=True))
    return Request(method.decode(), path, query, headers, envelope[start:])
