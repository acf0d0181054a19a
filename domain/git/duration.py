"""Durations as Go and therefore Kubernetes write them: 15s, 1h30m, 1.5h (https://pkg.go.dev/time#ParseDuration)."""

import re
from typing import Final

from domain.errors import InvalidInputError

_UNITS_NS: Final = {
    "h": 3_600_000_000_000,
    "ms": 1_000_000,  # before the minute, which it begins with
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "us": 1000,
    "\u00b5s": 1000,  # the micro sign
    "\u03bcs": 1000,  # the Greek letter, which Go takes, too
    "ns": 1,
}
_PART: Final = re.compile(rf"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)({'|'.join(_UNITS_NS)})")
_DURATION: Final = re.compile(rf"[-+]?(?:0|(?:{_PART.pattern})+)")
_MAX_CHARS: Final = 64
_LONGEST_NS: Final = 2**63 - 1
_NS_PER_MS: Final = 1_000_000


def duration_ms(field: str, text: str) -> int:
    """A duration in milliseconds, rounded down.

    Args:
        field: where it stands, for the error.
        text: what stands there.

    Raises:
        InvalidInputError: it is none, negative, or longer than Go can count (292 years).
    """
    if len(text) > _MAX_CHARS or _DURATION.fullmatch(text) is None:
        raise no_duration(field)
    total = 0
    for number, unit in _PART.findall(text):
        whole, _, fraction = number.partition(".")
        size = _UNITS_NS[unit]
        total += int(whole or "0") * size + int(fraction or "0") * size // 10 ** len(fraction)
    if total > _LONGEST_NS or (total and text.startswith("-")):
        raise InvalidInputError(field, f"{field} has to be between 0s and 2562047h.")
    return total // _NS_PER_MS


def no_duration(field: str) -> InvalidInputError:
    """The error that something else stands where a duration belongs."""
    return InvalidInputError(field, f"{field} is no duration; write it with a unit: 15s, 1h30m or 24h.")


def written(length_ms: int) -> str:
    """A duration as one would write it: 90000 is 1m30s."""
    minutes, rest_ms = divmod(length_ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours}h" if hours else "", f"{minutes}m" if minutes else ""]
    seconds, ms = divmod(rest_ms, 1000)
    if rest_ms or not length_ms:
        parts.append(f"{seconds}.{ms:03}".rstrip("0") + "s" if ms else f"{seconds}s")
    return "".join(parts)
