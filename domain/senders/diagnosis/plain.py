"""Plain reasons: the verdict says what is wrong, and only has to be put into an owner's words."""

from collections.abc import Callable, Mapping
from typing import Final

from domain.event import Rejection
from domain.senders.diagnosis.finding import Cause, Finding
from domain.senders.diagnosis.inquiry import Inquiry
from domain.senders.diagnosis.words import named, spelled
from domain.senders.recognition import looks_like
from domain.senders.source import Source
from domain.senders.timestamp import SignatureEntry


def explained(inquiry: Inquiry, reason: Rejection) -> Finding | None:
    """What a rejection means; None when its reason is only that no signature matches."""
    explain = _EXPLANATIONS.get(reason)
    return explain(inquiry) if explain else None


def _unmet(inquiry: Inquiry) -> Finding:
    return Finding(
        Cause.INCOMPLETE,
        "The request is not what its signature speaks of: a header, a version or a hash that has to fit does"
        f" not. {_on_the_way(inquiry)}",
    )


def _out_of_time(inquiry: Inquiry) -> Finding:
    return Finding(
        Cause.CLOCK,
        "The request is genuine, but its time is out of tolerance: the sender's clock or this gateway's is"
        f" wrong, or it was held up. {_on_the_way(inquiry)}",
    )


def _uncertified(inquiry: Inquiry) -> Finding:
    return Finding(
        Cause.CERTIFICATE,
        f"The certificate or key of {inquiry.case.sender.title} by which this request is signed is not one"
        " that can be trusted, or could not be fetched. See the log of the workers, and whether they may"
        " reach the sender's servers.",
    )


def _no_secret(inquiry: Inquiry) -> Finding:
    case = inquiry.case
    if not case.sender.schemes:
        return _not_signed(inquiry)
    return Finding(
        Cause.NO_SECRET,
        f"No secret of this webhook counts, so nothing can be verified. {case.sender.secret.where} Store it"
        f" here with 'fleet webhooks set-secret {case.name}'.",
    )


def _not_signed(inquiry: Inquiry) -> Finding:
    case, content = inquiry.case, inquiry.content
    places = dict.fromkeys(named(each.signature.source, content) for each in case.sender.counting)
    if not places:
        return Finding(
            Cause.NOT_SIGNED, f"{case.sender.title} signs nothing, so no request of it can be verified."
        )
    likely = [key for key in looks_like(case.request) if key != case.sender.key]
    hint = f" It looks like a request of {likely[0]}." if likely else ""
    return Finding(
        Cause.NOT_SIGNED,
        f"The request is not signed: {' or '.join(places)} is missing.{hint} {case.sender.secret.where} If"
        " the secret is entered there, something on the way takes the signature out.",
    )


def _unfit(inquiry: Inquiry) -> Finding:
    case = inquiry.case
    return Finding(
        Cause.UNFIT_SECRET,
        f"The secret stored here cannot be one of {case.sender.title} for requests that are signed like"
        f" this: it has not the form of its keys. {case.sender.secret.where}",
    )


def _unreadable(inquiry: Inquiry) -> Finding:
    content = inquiry.content
    for scheme in inquiry.case.sender.counting:
        form = scheme.signature
        place = named(form.source, content)
        values = form.source.values(content)
        if len(values) > 1 and not form.may_repeat:
            return Finding(
                Cause.UNREADABLE_SIGNATURE,
                f"The signature stands in the request {len(values)} times ({place}), so none of them counts."
                f" {_on_the_way(inquiry)}",
            )
    forms = dict.fromkeys(
        f"{named(each.signature.source, content)} with {spelled(each.signature, each.method)}"
        for each in inquiry.case.sender.counting
        if each.hook is None and each.signature.source.values(content)
    )
    return Finding(
        Cause.UNREADABLE_SIGNATURE,
        f"The signature has not the form of {inquiry.case.sender.title}, which is {' or '.join(forms)}."
        f" Is it another sender, or is the signature cut off? {_on_the_way(inquiry)}",
    )


def _incomplete(inquiry: Inquiry) -> Finding:
    content = inquiry.content
    missing = [
        named(source, content)
        for scheme in inquiry.case.sender.counting
        for source in (scheme.timestamp and scheme.timestamp.source, *(each for _, each in scheme.variables))
        if source is not None and not _stands(inquiry, source)
    ]
    what = f": {missing[0]} is missing" if missing else " as it is signed: a time or an id cannot be read"
    return Finding(
        Cause.INCOMPLETE, f"The request lacks what its signature covers{what}. {_on_the_way(inquiry)}"
    )


def _stands(inquiry: Inquiry, source: Source | SignatureEntry) -> bool:
    if isinstance(source, SignatureEntry):
        return True
    return bool(source.values(inquiry.content))


def _on_the_way(inquiry: Inquiry) -> str:
    return f"See what stands between {inquiry.case.sender.title} and this gateway, such as a proxy."


_EXPLANATIONS: Final[Mapping[Rejection, Callable[[Inquiry], Finding]]] = {
    Rejection.NO_SECRET: _no_secret,
    Rejection.MISSING_SIGNATURE: _not_signed,
    Rejection.WRONG_KEY: _unfit,
    Rejection.MALFORMED_SIGNATURE: _unreadable,
    Rejection.MISSING_FIELD: _incomplete,
    Rejection.MISSING_TIMESTAMP: _incomplete,
    Rejection.MALFORMED_TIMESTAMP: _incomplete,
    Rejection.UNMET_CONDITION: _unmet,
    Rejection.UNKNOWN_CERTIFICATE: _uncertified,
    Rejection.DOCUMENT_MISSING: _uncertified,
    Rejection.TOO_OLD: _out_of_time,
    Rejection.TOO_NEW: _out_of_time,
}
