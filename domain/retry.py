"""When a failed attempt is tried again."""

import calendar
from collections.abc import Sequence
from email.utils import parsedate
from typing import Final

DEFAULT_SCHEDULE_S: Final = (5, 30, 120, 600, 1800, 3600, 10_800, 21_600, 43_200)
"""Pauses after the first, second, ... failed attempt, in seconds: ten attempts within a day."""

JITTER: Final = 0.2
MIN_RETRY_AFTER_S: Final = 1
MAX_RETRY_AFTER_S: Final = 12 * 3600


def next_delay_s(
    schedule: Sequence[float], tries: int, retry_after_s: float | None, dice: float
) -> float | None:
    """Seconds to wait before the next attempt, None when there is none left.

    Args:
        schedule: pauses in seconds, one for each attempt that may follow the first.
        tries: attempts made so far in this generation, at least 1.
        retry_after_s: what the subscriber asked for; kept within 1 s and 12 h, and never jittered below it.
        dice: a random number in [0, 1), for +-20 % of jitter.
    """
    if tries > len(schedule):
        return None
    jittered = schedule[tries - 1] * (1 + JITTER * (2 * dice - 1))
    if retry_after_s is None:
        return jittered
    return min(max(retry_after_s, MIN_RETRY_AFTER_S), MAX_RETRY_AFTER_S)


def parse_retry_after(value: str, now_s: float) -> float | None:
    """Seconds named by a Retry-After header, None when it says nothing usable (RFC 9110, section 10.2.3)."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    moment = parsedate(text)
    if moment is None:
        return None
    try:
        return max(0.0, calendar.timegm(moment) - now_s)
    except (ValueError, OverflowError):
        return None
