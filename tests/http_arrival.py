"""What the tests of the HTTP target bring to it, and when."""

from collections.abc import Awaitable, Callable

from domain.event import Headers, Request
from relay.connector.target import Answer, Arrival

NOW_MS = 1_800_000_000_000

Deliver = Callable[..., Awaitable[Answer]]


def arrival(
    body: bytes = b"{}",
    headers: Headers = ((b"host", b"hooks.example.org"), (b"content-type", b"application/json")),
    path: bytes = b"",
    query: bytes = b"",
    scheme: str = "github",
    timeout_s: int = 30,
    method: str = "POST",
) -> Arrival:
    request = Request(method, path, query, headers, body)
    return Arrival("dlv_1", 3, "evt_1", "push", "ci", "my-hook", "github", scheme, NOW_MS, timeout_s, request)
