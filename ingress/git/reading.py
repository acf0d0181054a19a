"""Reading a push, between other requests and not beside them: what one may cost is bounded before it is read.

The worst body of 1 MiB would take 60 ms as JSON: brackets in brackets. What hosts send has not even one value
in 25 bytes, and takes 10 ms at most; the worst that is read at all takes 25 ms. (On a processor of its own.)
"""

from typing import Final

from domain.errors import InvalidInputError
from domain.event import Request
from domain.git.provider import Provider
from domain.git.push import Push, read_push

MOST_VALUES: Final = 100_000
"""Brackets, braces and commas of a payload; a real one of 1 MiB has less than half as many."""

_MARKS: Final = (b",", b"[", b"{")


def read(provider: Provider, request: Request) -> Push:
    """What a request of a provider says.

    Raises:
        InvalidInputError: it cannot be read, see `read_push`, or would take too long.
    """
    body = request.body
    if len(body) > MOST_VALUES and sum(map(body.count, _MARKS)) > MOST_VALUES:
        sentence = f"The body has more than {MOST_VALUES:,} values; no Git host sends as many."
        raise InvalidInputError("body", sentence)
    return read_push(provider, request)
