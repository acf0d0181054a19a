"""Schemes: another way of signing fits, the sender's own or that of another sender."""

from collections.abc import Iterable

from domain.senders.catalogue import SENDERS
from domain.senders.diagnosis.finding import Cause, Finding
from domain.senders.diagnosis.inquiry import Inquiry, timeless
from domain.senders.diagnosis.words import named
from domain.senders.recognition import looks_like
from domain.senders.scheme import Scheme
from domain.senders.sender import Sender
from domain.senders.site import Site
from domain.senders.tailoring import SCHEME


def of_the_sender(inquiry: Inquiry) -> Finding | None:
    """The request is signed as this sender may sign, but not in the way that counts at this webhook."""
    sender = SENDERS.get(inquiry.case.sender.key, inquiry.case.sender)
    is_pinned = SCHEME in inquiry.case.site.parameters
    counting = {scheme.id for scheme in inquiry.case.sender.counting}
    for scheme in sender.schemes:
        may_be_meant = scheme.id not in counting and (is_pinned or scheme.is_weak)
        if may_be_meant and inquiry.verdict(timeless(scheme)):
            return _not_counting(inquiry, sender, scheme)
    return None


def without_parameters(inquiry: Inquiry) -> Finding | None:
    """The request is signed as this sender does it unless its owner has set something else."""
    case = inquiry.case
    if not case.site.parameters:
        return None
    sender, bare = SENDERS.get(case.sender.key, case.sender), Site(case.address)
    if not any(inquiry.verdict(timeless(scheme), site=bare) for scheme in sender.counting):
        return None
    names = ", ".join(sorted(case.site.parameters))
    return Finding(
        Cause.PARAMETERS,
        f"The request would be verified without the parameters of this webhook ({names}). Remove what is"
        f" wrong: 'fleet webhooks update {case.name} --set NAME='.",
    )


def _not_counting(inquiry: Inquiry, sender: Sender, scheme: Scheme) -> Finding:
    case = inquiry.case
    where = named(scheme.signature.source, inquiry.content)
    facts = {"scheme": scheme.id}
    pin = f"'fleet webhooks update {case.name} --set scheme={scheme.id}'"
    if scheme.is_weak:
        return Finding(
            Cause.WEAK_SCHEME,
            f"The request is signed in the older way of {sender.title} only ({scheme.id}, in {where}), which"
            " is weak and so does not count. Let the sender sign in its newer way; if it cannot, pin the"
            f" old one: {pin}.",
            facts,
        )
    return Finding(
        Cause.PINNED_SCHEME,
        f"The request is signed by {scheme.id} (in {where}), but this webhook lets only"
        f" {', '.join(each.id for each in case.sender.counting)} count. Pin the right one: {pin}.",
        facts,
    )


def of_likely_senders(inquiry: Inquiry) -> Finding | None:
    """The request is one of another sender's whose marks it bears."""
    return _signed_by(inquiry, (SENDERS[key] for key in looks_like(inquiry.case.request)))


def of_other_senders(inquiry: Inquiry) -> Finding | None:
    """The request is one of another sender's."""
    return _signed_by(inquiry, SENDERS.values())


def _signed_by(inquiry: Inquiry, senders: Iterable[Sender]) -> Finding | None:
    case = inquiry.case
    site = Site(case.site.url or case.address)
    for sender in senders:
        if sender.key == case.sender.key:
            continue
        for scheme in sender.schemes:
            # What needs no secret of the webhook says nothing about whose request it is.
            if not scheme.is_keyless and inquiry.verdict(timeless(scheme), site=site):
                return _of_another(inquiry, sender, scheme)
    return None


def _of_another(inquiry: Inquiry, sender: Sender, scheme: Scheme) -> Finding:
    case = inquiry.case
    pin = f" --set scheme={scheme.id}" if scheme not in sender.counting else ""
    return Finding(
        Cause.ANOTHER_SENDER,
        f"The request is signed with the right secret, but as {sender.title} signs ({scheme.id}, in"
        f" {named(scheme.signature.source, inquiry.content)}), while this webhook is set to"
        f" {case.sender.title}. If that is who calls: 'fleet webhooks update {case.name} --sender"
        f" {sender.key}{pin}'.",
        {"sender": sender.key, "scheme": scheme.id},
    )
