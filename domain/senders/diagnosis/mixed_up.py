"""Secrets that were mixed up: an old one of the webhook, or one of its neighbours'."""

from domain.senders.diagnosis.finding import Cause, Finding
from domain.senders.diagnosis.inquiry import Inquiry
from domain.senders.diagnosis.words import day_and_time


def ended(inquiry: Inquiry) -> Finding | None:
    """The sender signs with a secret of this webhook that does not count any more."""
    case = inquiry.case
    for secret in case.secrets:
        if secret.expires_at is None or secret.is_live(case.received_at):
            continue
        if any(inquiry.verdict(scheme, [secret.value]) for scheme in inquiry.schemes):
            since = day_and_time(secret.expires_at)
            title = case.sender.title
            return Finding(
                Cause.OLD_SECRET,
                f"The request is signed with {secret.id}, an old secret of this webhook that has not counted"
                f" since {since}. Give {title} the current secret; if nobody has it any more, make"
                f" a new one with 'fleet webhooks rotate-secret {case.name}'.",
                {"secret": secret.id, "ended_at": since},
            )
    return None


def of_neighbours(inquiry: Inquiry) -> Finding | None:
    """The sender signs with the secret of another webhook of this gateway."""
    case = inquiry.case
    for neighbour in case.neighbours:
        if any(inquiry.verdict(scheme, neighbour.secrets) for scheme in inquiry.schemes):
            return Finding(
                Cause.SECRET_ELSEWHERE,
                f"The request is signed with the secret of your webhook {neighbour.name}. Either the sender"
                f" posts to the wrong URL, or it has the wrong secret: give it the URL that"
                f" 'fleet webhooks show {neighbour.name}' shows, or the secret of {case.name}.",
                {"webhook": neighbour.name},
            )
    return None
