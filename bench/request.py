"""The request that every measurement sends: a GitHub event as GitHub sends it, signed, as raw bytes."""

from typing import Final

from domain.event import Request
from domain.senders import SENDERS, sign

SECRET: Final = b"a secret of the benchmark"
"""What every measurement signs with."""

STAMP: Final = b'"sent":"'
"""What stands in the body before the moment of sending."""

STAMP_DIGITS: Final = 19
"""CLOCK_MONOTONIC in nanoseconds, which the processes of one machine share."""

_HEAD: Final = (
    "POST %s HTTP/1.1\r\n"
    "Host: hooks.example.org\r\n"
    "User-Agent: GitHub-Hookshot/044aadd\r\n"
    "Accept: */*\r\n"
    "Content-Type: application/json\r\n"
    "X-GitHub-Delivery: 72d3162e-cc78-11e3-81ab-4c9367dc0958\r\n"
    "X-GitHub-Event: issues\r\n"
    "X-GitHub-Hook-ID: 292430182\r\n"
    "X-GitHub-Hook-Installation-Target-ID: 79929171\r\n"
    "X-GitHub-Hook-Installation-Target-Type: repository\r\n"
)
"""https://docs.github.com/en/webhooks/webhook-events-and-payloads#example-webhook-delivery"""


def body(size: int, sent_ns: int = 0) -> bytes:
    """A JSON body of `size` bytes that says when it was sent."""
    head = b'{"action":"opened",%s%0*d","text":"' % (STAMP, STAMP_DIGITS, sent_ns)
    return head + b"x" * (size - len(head) - 2) + b'"}'


def sent_at(content: bytes) -> int:
    """When a body was sent, in nanoseconds.

    Raises:
        ValueError: it does not say so.
    """
    start = content.index(STAMP) + len(STAMP)
    return int(content[start : start + STAMP_DIGITS])


def request(path: str, content: bytes) -> bytes:
    """The request that brings a body, signed with SECRET."""
    signature = sign(SENDERS["github"], Request("POST", b"", b"", (), content), SECRET, 0).headers
    lines = b"".join(b"%s: %s\r\n" % header for header in signature)
    return (_HEAD % path).encode() + lines + b"Content-Length: %d\r\n\r\n" % len(content) + content
