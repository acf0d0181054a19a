"""Names of things: time-ordered, unguessable, and safe in URLs, Redis keys and RQ job ids.

An id is a prefix that says what it names, 9 characters of time and 14 of randomness, so that ids sort
by the millisecond in which they were made. The alphabet is Crockford's base 32 in lower case
(https://www.crockford.com/base32.html): no letter that reads like a digit.
"""

import re
from functools import lru_cache
from typing import Final, Literal

Kind = Literal["evt", "whk", "sub", "gw", "tun", "job", "sec", "rep"]

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_TIME_CHARS: Final = 9
_RANDOM_CHARS: Final = 14
ENTROPY_BYTES: Final = 9
MAX_MOMENT_MS: Final = 32**_TIME_CHARS - 1
"""The last moment that an id can be of: in the year 3084."""

_PATTERN: Final = re.compile(
    rf"(evt|whk|sub|gw|tun|job|sec|rep)_[{_ALPHABET}]{{{_TIME_CHARS + _RANDOM_CHARS}}}"
)
_DELIVERY: Final = re.compile(rf"dlv(_[{_ALPHABET}]{{{_TIME_CHARS + _RANDOM_CHARS}}}){{2}}")
_PAIRS: Final = tuple(high + low for high in _ALPHABET for low in _ALPHABET)


@lru_cache(maxsize=16)
def _time(now_ms: int) -> str:
    """The moment in 9 characters; many ids share a millisecond."""
    return "".join(_ALPHABET[now_ms >> shift & 31] for shift in range(40, -1, -5))


def _randomness(entropy: bytes) -> str:
    """70 bits in 14 characters, two by two: an id is made for every event."""
    bits, pairs = int.from_bytes(entropy), _PAIRS
    return (
        pairs[bits >> 60 & 1023]
        + pairs[bits >> 50 & 1023]
        + pairs[bits >> 40 & 1023]
        + pairs[bits >> 30 & 1023]
        + pairs[bits >> 20 & 1023]
        + pairs[bits >> 10 & 1023]
        + pairs[bits & 1023]
    )


def new_id(kind: Kind, now_ms: int, entropy: bytes) -> str:
    """A fresh id of a kind.

    Args:
        kind: what it names; becomes the prefix.
        now_ms: Unix time in milliseconds.
        entropy: ENTROPY_BYTES random bytes (70 bits of them are used).
    """
    return f"{kind}_{_time(now_ms)}{_randomness(entropy)}"


def id_since(kind: Kind, moment_ms: int) -> str:
    """What the ids of a moment, Unix ms, begin with: it sorts before them, and behind all earlier ones."""
    return f"{kind}_{_time(moment_ms)}"


def made_at(thing: str) -> int:
    """When an id was made, Unix ms; of an event id: when the request was received."""
    made = 0
    for char in thing.partition("_")[2][:_TIME_CHARS]:
        made = made << 5 | _ALPHABET.index(char)
    return made


def is_id(kind: Kind, text: str) -> bool:
    """Whether a text has the shape of an id of this kind."""
    return text.startswith(f"{kind}_") and _PATTERN.fullmatch(text) is not None


def delivery_id(event_id: str, subscription_id: str) -> str:
    """The stable name of the duty to bring one event to one subscription.

    Made of the two, so that fanning out twice cannot create a second delivery.
    """
    return f"dlv_{event_id.removeprefix('evt_')}_{subscription_id.removeprefix('sub_')}"


def is_delivery_id(text: str) -> bool:
    """Whether a text has the shape of a delivery id."""
    return _DELIVERY.fullmatch(text) is not None


def event_of(delivery: str) -> str:
    """The event that a delivery id belongs to."""
    return f"evt_{delivery.split('_')[1]}"


def subscription_of(delivery: str) -> str:
    """The subscription that a delivery id belongs to."""
    return f"sub_{delivery.split('_')[2]}"
