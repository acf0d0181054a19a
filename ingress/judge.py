"""Judging a request before it is kept: handshakes, and signatures where the webhook wants them checked here.

What it says depends on the webhook as it is given, which may be out of date.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.event import Rejection, Request
from domain.secret import live
from domain.senders import (
    SENDERS,
    Handshake,
    HandshakeAnswer,
    Question,
    Sender,
    Site,
    answer_question,
    asked,
    may_ask,
    tailored,
    verify,
)
from domain.webhook import Webhook
from ingress.context import IngressContext
from store.webhooks import StoredWebhook, open_vault, site_of


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
    return () if webhook.is_git else SENDERS[webhook.sender].handshakes


def takes(webhook: Webhook, method: str) -> bool:
    """Whether a webhook has handshakes with this method."""
    return any(method in each.methods for each in _handshakes(webhook))


def may_shake_hands(webhook: Webhook, head: Request, size: int | None) -> bool:
    """Whether a request may turn out to be a handshake. See `may_ask`."""
    return may_ask(_handshakes(webhook), head, size)


def judge(
    context: IngressContext,
    stored: StoredWebhook,
    request: Request,
    received_at: int,
    *,
    is_refused: bool = False,
) -> Judgement:
    """What is said to a request. Nearly always nothing: it is an event for the workers.

    Args:
        context: what opens the seal.
        stored: the webhook.
        request: what came.
        received_at: Unix time of receipt in milliseconds.
        is_refused: whether it will not be accepted as an event anyway, so that its signature does not matter.

    Raises:
        SealBrokenError: the webhook's secrets cannot be opened.
        InvalidInputError: its parameters do not fit its sender.
    """
    webhook = stored.webhook
    question = asked(_handshakes(webhook), request)
    is_checked_here = webhook.is_checked_at_ingress(received_at) and not is_refused
    if question is None and not is_checked_here:
        return _EVENT
    place = _opened(context, stored, received_at)
    answer = None if question is None else place.answer(question, received_at)
    if answer is not None and not answer.is_event:
        is_examined = not is_refused and _is_for_a_worker(webhook, answer, received_at)
        return _EVENT if is_examined else Judgement(answer.rejection, answer)
    rejection = place.rejection(request, received_at) if is_checked_here else None
    return Judgement(answer=answer) if rejection is None else Judgement(rejection)


def _is_for_a_worker(webhook: Webhook, answer: HandshakeAnswer, received_at: int) -> bool:
    """Whether a handshake that fails is to be examined, such as a ping that is signed with a wrong secret.

    Not where the sender itself wants to see that forged ones are refused, and probes with them.
    """
    is_probed = SENDERS[webhook.sender].verify_at == "ingress"
    return answer.rejection is not None and webhook.is_examined(received_at) and not is_probed


def _opened(context: IngressContext, stored: StoredWebhook, received_at: int) -> "_Place":
    webhook, vault = stored.webhook, open_vault(context.sealer, stored)
    sender = tailored(SENDERS[webhook.sender], vault.parameters)
    return _Place(
        sender,
        site_of(sender, stored, vault, context.sealer, context.public_url),
        [each.value for each in live(vault.secrets, received_at)],
        has_secret=bool(vault.secrets),
        must_verify=sender.must_verify(is_required=webhook.require_signature, has_secret=bool(vault.secrets)),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """A webhook with its secrets.

    Attributes:
        sender: who calls there, as its owner has fitted it.
        site: what the sender signs besides its requests.
        secrets: those that are live.
        has_secret: whether any is set.
        must_verify: whether only what is verified is taken.
    """

    sender: Sender
    site: Site
    secrets: Sequence[bytes] = field(repr=False)
    has_secret: bool
    must_verify: bool

    def answer(self, question: Question, received_at: int) -> HandshakeAnswer | None:
        """The answer to a question, None when it is none."""
        answer = answer_question(self.sender, question, self.secrets, received_at, self.site)
        is_late = answer is not None and answer.captured is not None and self.has_secret
        return None if is_late else answer

    def rejection(self, request: Request, received_at: int) -> Rejection | None:
        """Why a request is not accepted, None when it is."""
        if not self.must_verify:
            return None
        verdict = verify(self.sender, request, self.secrets, received_at, self.site)
        # What needs a document that has to be fetched is for a worker: this door calls nobody.
        return verdict.rejection if verdict.wanted is None else None
