"""Diagnosing: which of the known causes explains that a request is not verified.

Each cause is tried by the engine itself on a changed request, so what is named has been proven by the
signature. What costs least and is most likely comes first.
"""

from collections.abc import Callable
from typing import Final

from domain.senders.diagnosis import (
    addresses,
    bodies,
    clock,
    mixed_up,
    plain,
    schemes,
    secret_forms,
    signature_forms,
    spelling,
)
from domain.senders.diagnosis.case import Case
from domain.senders.diagnosis.finding import Cause, Finding
from domain.senders.diagnosis.inquiry import Inquiry
from domain.senders.verdict import Verdict, judge

_EXAMINATIONS: Final[tuple[tuple[str, Callable[[Inquiry], Finding | None]], ...]] = (
    ("the clocks", clock.out_of_time),
    ("old secrets of this webhook", mixed_up.ended),
    ("white space around the secret", spelling.respelt),
    ("the secrets of your other webhooks", mixed_up.of_neighbours),
    ("other ways in which this sender signs", schemes.of_the_sender),
    ("other senders", schemes.of_likely_senders),
    ("other hashes, hex and base64", signature_forms.rewritten),
    ("", schemes.without_parameters),
    ("other forms of the secret", secret_forms.reformed),
    ("", spelling.swapped),
    ("", schemes.of_other_senders),
    ("other addresses", addresses.readdressed),
    ("a body that was written anew", bodies.changed),
)


def diagnose(case: Case) -> Finding:
    """Why a request is not verified, or that it is. Never raises, whatever it is; takes a bounded time."""
    inquiry = Inquiry(case)
    verdict = judge(case.sender, inquiry.content, inquiry.secrets, case.received_at)
    if verdict.rejection is None:
        return _fine(verdict)
    for _, examine in _EXAMINATIONS:
        if finding := examine(inquiry):
            return finding
    return plain.explained(inquiry, verdict.rejection) or _unknown(inquiry)


def _fine(verdict: Verdict) -> Finding:
    return Finding(
        Cause.FINE, f"The request is verified, by {verdict.scheme}.", {"scheme": verdict.scheme or ""}
    )


def _unknown(inquiry: Inquiry) -> Finding:
    case = inquiry.case
    tried = ", ".join(words for words, _ in _EXAMINATIONS if words)
    partly = " (not to the end: the body is large, or there are many)" if inquiry.is_exhausted else ""
    return Finding(
        Cause.UNKNOWN,
        f"The signature is not made with a secret that is known here. Tried in vain{partly}: {tried}. Most"
        f" likely the sender has another secret, or somebody else has sent this. {case.sender.secret.where}"
        f" Set the same one on both sides: 'fleet webhooks set-secret {case.name}'.",
    )
