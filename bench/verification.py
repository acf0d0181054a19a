"""Verifying: our engine on a request of 10 KiB, beside nothing but the HMAC that it computes."""

import time
from typing import Final

from cryptography.hazmat.primitives import hashes, hmac

from bench.errors import BenchError
from bench.figures import Sample
from bench.measurement import Run, Scale
from bench.outcome import NS_PER_S
from bench.request import SECRET, body
from domain.event import Headers, Request
from domain.senders import SENDERS, sign, verify

_SIZE: Final = 10 * 1024
_AT_MS: Final = 1_800_000_000_000
_OTHERS: Final[Headers] = tuple((b"x-header-%d" % number, b"a value") for number in range(10))


def ours(sender: str) -> Run:
    """`verify` for a sender."""

    def run(scale: Scale) -> Sample:
        rules = SENDERS[sender]
        unsigned = Request("POST", b"", b"", _OTHERS, body(_SIZE))
        signed = sign(rules, unsigned, SECRET, _AT_MS)
        secrets = [SECRET]
        for _ in range(scale.warm):
            if not verify(rules, signed, secrets, _AT_MS).ok:
                raise BenchError(f"The request of {sender} does not verify.")
        began = time.monotonic_ns()
        for _ in range(scale.events):
            verify(rules, signed, secrets, _AT_MS)
        return Sample(scale.events * NS_PER_S / (time.monotonic_ns() - began))

    return run


def bare(scale: Scale) -> Sample:
    """HMAC-SHA256 of the same bytes."""
    content = body(_SIZE)
    algorithm = hashes.SHA256()
    began = time.monotonic_ns()
    for _ in range(scale.events):
        mac = hmac.HMAC(SECRET, algorithm)
        mac.update(content)
        mac.finalize()
    return Sample(scale.events * NS_PER_S / (time.monotonic_ns() - began))
