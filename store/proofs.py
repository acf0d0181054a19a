"""Proofs: whether a public URL leads to a door of ours. A stranger, at either end, finds out nothing.

The question is a sealed number. Only who has the sealing keys can have made it, and only who has them can
tell the number: so the door knows who asks, and who asks knows whose door it is.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from domain.errors import SealBrokenError
from store.sealing import OVERHEAD_BYTES, PROOF_PLACE, Sealer

LIFE_MS: Final = 60_000
"""For so long a question is answered, in milliseconds; who overhears it cannot ask for ever."""

_TIME_BYTES: Final = 8
_NUMBER_BYTES: Final = 16
QUESTION_CHARS: Final = -(-(OVERHEAD_BYTES + _TIME_BYTES + _NUMBER_BYTES) * 4 // 3)
"""Characters of every question: of base64url, and more than a webhook's token has."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A question and the answer that proves it.

    Attributes:
        question: what stands in a path where the token of a webhook would be.
        answer: what a door of ours says to it.
    """

    question: str
    answer: str


def new_proof(sealer: Sealer, entropy: Callable[[int], bytes], now_ms: int) -> Proof:
    """A question that nobody has been asked before.

    Args:
        sealer: of who asks.
        entropy: that many unguessable bytes.
        now_ms: Unix time in milliseconds.
    """
    number = entropy(_NUMBER_BYTES)
    sealed = sealer.seal(now_ms.to_bytes(_TIME_BYTES) + number, PROOF_PLACE, now_ms)
    return Proof(urlsafe_b64encode(sealed).rstrip(b"=").decode(), number.hex())


def answer_to(sealer: Sealer, question: str, now_ms: int) -> str | None:
    """What a question asks for; None when it is none, not one of ours, or too old.

    Args:
        sealer: of who is asked.
        question: what stands where a token would be.
        now_ms: Unix time in milliseconds.
    """
    if len(question) != QUESTION_CHARS:
        return None
    try:
        plain = sealer.open(urlsafe_b64decode(question + "=" * (-len(question) % 4)), PROOF_PLACE)
    except (ValueError, SealBrokenError):
        return None
    asked_at = int.from_bytes(plain[:_TIME_BYTES])
    return plain[_TIME_BYTES:].hex() if abs(now_ms - asked_at) <= LIFE_MS else None
