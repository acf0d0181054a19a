"""Clocks: the signature is right, only its time is too far from the time of receipt."""

from typing import Final

from domain.event import Rejection
from domain.senders.diagnosis.finding import Cause, Finding
from domain.senders.diagnosis.inquiry import Inquiry, timeless
from domain.senders.diagnosis.words import day_and_time
from domain.senders.scheme import Scheme
from domain.senders.timestamp import Timestamp

_CENTURY_S: Final = 100 * 365 * 24 * 3600


def out_of_time(inquiry: Inquiry) -> Finding | None:
    """By how much the time of a genuine request is out of tolerance, and whose clock may be wrong."""
    for scheme in inquiry.case.sender.counting:
        timestamp = scheme.timestamp
        if timestamp is None or not inquiry.verdict(timeless(scheme)):
            continue
        signed_at = _signed_at(inquiry, scheme, timestamp)
        if signed_at is not None:
            return _told(inquiry, timestamp, signed_at)
    return None


def _signed_at(inquiry: Inquiry, scheme: Scheme, timestamp: Timestamp) -> int | None:
    """When a scheme's signature was made, Unix ms; None when that is within the tolerance."""
    entries = scheme.signature.entries(scheme.signature.source.values(inquiry.content))
    text = timestamp.read(inquiry.content, entries)
    if isinstance(text, Rejection) or timestamp.fault(text, inquiry.case.received_at) is None:
        return None
    return timestamp.unix_ms(text)


def _told(inquiry: Inquiry, timestamp: Timestamp, signed_at: int) -> Finding:
    case = inquiry.case
    off_s = (case.received_at - signed_at) // 1000
    is_late = off_s > 0
    allowed = (timestamp.past_s if is_late else timestamp.future_s) or 0
    facts = {"seconds_off": off_s, "tolerance_s": allowed}
    if abs(off_s) > _CENTURY_S:
        return Finding(
            Cause.CLOCK,
            "The signature is right, but its time is centuries away: it is not written as"
            f" {timestamp.clock.value}. Let the sender write it like that.",
            facts,
        )
    arrived = day_and_time(case.received_at)
    if is_late:
        sentence = (
            f"The signature is right, but it was made {off_s} seconds before the request arrived here"
            f" ({arrived} by this gateway's clock), and {allowed} are allowed. Either the sender's clock is"
            " slow, or this gateway's is fast, or the request was held up, or sent again as it was. Compare"
            " both clocks ('date -u'), and let them be set by NTP."
        )
    else:
        sentence = (
            f"The signature is right, but by its time it was made {-off_s} seconds after the request arrived"
            f" here ({arrived} by this gateway's clock), and {allowed} are allowed. Either the sender's"
            " clock is fast, or this gateway's is slow: compare both ('date -u'), and let them be set by"
            " NTP."
        )
    return Finding(Cause.CLOCK, sentence, facts)
