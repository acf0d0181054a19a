"""What verifying costs besides the HMAC: counted, since times never gate a test. `bench/` has the times."""

import sys
import tracemalloc
from types import FrameType

import pytest

from domain.event import Request
from domain.senders import SENDERS, sign, verify

SECRET = b"a secret of this test"
NOW = 1_800_000_000_000
OTHERS = tuple((b"x-header-%d" % number, b"a value") for number in range(10))
KIB = 1024
MIB = 1024 * KIB
# About where an event of 10 KiB costs twice its HMAC; a call takes some 0.1 us.
MOST_CALLS = 80

demanded = pytest.mark.parametrize("sender", ["github", "stripe", "slack"])


def signed(sender: str, size: int) -> Request:
    unsigned = Request("POST", b"", b"", OTHERS, b"x" * size)
    headers = sign(SENDERS[sender], unsigned, SECRET, NOW).headers
    return Request("POST", b"", b"", headers, unsigned.body)


def calls(sender: str, request: Request) -> int:
    """How many functions are called while a request is verified, those of libraries included."""
    kinds: list[str] = []

    def count(_: FrameType, kind: str, __: object) -> None:
        kinds.append(kind)

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        verdict = verify(SENDERS[sender], request, [SECRET], NOW)
    finally:
        sys.setprofile(before)
    assert verdict.ok
    return kinds.count("call") + kinds.count("c_call")


@demanded
def test_few_functions_are_called_however_large_the_body(sender: str) -> None:
    assert calls(sender, signed(sender, KIB)) == calls(sender, signed(sender, MIB)) <= MOST_CALLS


@demanded
def test_the_body_is_neither_copied_nor_parsed(sender: str) -> None:
    request = signed(sender, MIB)
    tracemalloc.start()
    try:
        verdict = verify(SENDERS[sender], request, [SECRET], NOW)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert verdict.ok
    assert peak_bytes < 16 * KIB
