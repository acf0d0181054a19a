"""Judging a request before it is kept: handshakes, and signatures where the webhook wants them checked here.

Pure but for the seal: what it says depends on the webhook as it was given, which may be out of date.
"""

from dataclasses import dataclass
from typing import Final

from domain.event import Rejection, Request
from domain.senders import SENDERS, Handshake, HandshakeAnswer, answer_question, asked, may_ask, verify
from domain.senders.site import Site
from domain.webhook import Webhook
from ingress.context import IngressContext
from store.webhooks import StoredWebhook, open_secrets

_POST: Final = "POST"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said to a request.

    Attributes:
        rejection: why it is refused, for the owner; None: it is not.
        answer: what its handshake is answered with; None: it is none.
    """

    rejection: Rejection | None = None
    answer: HandshakeAnswer | None = None

    @property
    def is_event(self) -> bool:
        """Whether the request is to be accepted."""
        return self.rejection is None and (self.answer is None or self.answer.is_event)

    @property
    def is_final(self) -> bool:
        """Whether it holds even if the webhook has changed meanwhile: nothing is refused, nothing is kept."""
        return self.rejection is None and (self.answer is None or self.answer.captured is None)


_EVENT: Final = Judgement()


def _handshakes(webhook: Webhook) -> tuple[Handshake, ...]:
    return SENDERS[webhook.sender].handshakes


def takes(webhook: Webhook, method: str) -> bool:
    """Whether a webhook has handshakes with this method."""
    return any(method in each.methods for each in _handshakes(webhook))


def may_shake_hands(webhook: Webhook, head: Request, size: int | None) -> bool:
    """Whether a request may turn out to be a handshake. See `may_ask`."""
    return may_ask(_handshakes(webhook), head, size)


def judge(context: IngressContext, stored: StoredWebhook, request: Request, received_at: int) -> Judgement:
    """What is said to a request. Nearly always nothing: it is an event for the workers.

    Args:
        context: what opens the seal.
        stored: the webhook.
        request: what came.
        received_at: Unix time of receipt in milliseconds.

    Raises:
        SealBrokenError: the webhook's secrets cannot be opened.
    """
    webhook = stored.webhook
    question = asked(_handshakes(webhook), request)
    is_checked_here = webhook.verify_at == "ingress" and request.method == _POST
    if question is None and not is_checked_here:
        return _EVENT
    sender = SENDERS[webhook.sender]
    secrets = open_secrets(context.sealer, stored)
    site = Site()
    answer = None
    if question is not None:
        answer = answer_question(sender, question, secrets, received_at, site)
        if answer is not None and not answer.is_event:
            return Judgement(answer.rejection, answer)
    if not is_checked_here:
        return Judgement(answer=answer)
    rejection = verify(sender, request, secrets, received_at).rejection
    if rejection is Rejection.NO_SECRET and not webhook.require_signature:
        rejection = None
    return Judgement(answer=answer) if rejection is None else Judgement(rejection)
