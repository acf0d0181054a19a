"""Receiving: one request of a sender, checked cheapest first, accepted or refused.

An ASGI endpoint rather than a request handler: the accept path makes no objects it does not need.
"""

from typing import Final

from redis.exceptions import RedisError
from starlette.types import Receive as AsgiReceive
from starlette.types import Scope, Send

from domain.client import Client
from domain.errors import InvalidInputError, OverloadedError, SealBrokenError
from domain.event import Rejection, Request, end_to_end
from ingress import answers, body
from ingress.acceptor import Acceptor
from ingress.answers import Answer
from ingress.complaints import Complaints
from ingress.context import IngressContext
from ingress.directory import ROOT, Directory, Entry
from ingress.git.receiver import Arrived, Receiver
from ingress.guard import ForbiddenError, Objection, client_in, has_pass
from ingress.hearing import Heard, Hearing
from ingress.judge import may_shake_hands, takes
from ingress.keeping import FULL_RETRY_S, Keeping, Kept
from ingress.pressure import Pressure
from ingress.refusals import RefusalLog
from ingress.room import share_in
from ingress.tally import Tally
from store.proofs import answer_to

_REDIS_RETRY_S: Final = 5
_FORBIDDEN: Final = {
    Objection.PLAIN_HTTP: answers.HTTPS_ONLY,
    Objection.NOT_ALLOWED: answers.NOT_ALLOWED,
}


def _token(scope: Scope) -> str:
    """The token in the address, or ROOT."""
    return scope["path_params"].get("token", ROOT)


def _is_literal(raw_path: bytes, token: str) -> bool:
    """Whether the address was sent as we write it. Percent-encoded, the token would be kept with the path."""
    if token == ROOT:
        return raw_path == b"/"
    start = b"/t/" + token.encode()
    return raw_path == start or raw_path.startswith(start + b"/")


def _is_taken(entry: Entry, scope: Scope) -> bool:
    """Whether the method can mean anything here. What is no POST can be a handshake, without a body."""
    if scope["method"] == "POST":
        return True
    return takes(entry.webhook, scope["method"]) and body.known(scope["headers"]) == 0


def _head(scope: Scope) -> Request:
    """A request without its body."""
    # "/t/TOKEN/rest" or "/", as it was sent: percent-encoded.
    _, slash, rest = scope["raw_path"].removeprefix(b"/").removeprefix(b"t/").partition(b"/")
    # Now, not after the body: trailers would join the headers, and they are none (RFC 9110, 6.5.1).
    headers = end_to_end(scope["headers"])
    return Request(scope["method"], slash + rest, scope["query_string"], headers, b"")


class Receive:
    """The endpoint behind `/t/{token}`, and behind `/` where a Git receiver is."""

    def __init__(
        self,
        context: IngressContext,
        acceptor: Acceptor,
        pressure: Pressure,
        refusals: RefusalLog,
        tally: Tally,
    ) -> None:
        self._context = context
        self._refusals = refusals
        self._tally = tally
        self._directory = Directory(context)
        self._hearing = Hearing(context, self._directory)
        self._complaints = Complaints(context.clock_ms)
        self._keeping = Keeping(context, acceptor, pressure, self._complaints, tally)
        self._receiver = Receiver(context, self._keeping)

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: Send) -> None:
        """Answer one request."""
        try:
            answer = await self._answer(scope, receive)
        except body.BodyTooLargeError:
            self._count_too_large(scope)
            answer = answers.TOO_LARGE
        except body.SenderGoneError:
            return
        except ForbiddenError as error:
            answer = _FORBIDDEN[error.objection]
        except ValueError:
            answer = answers.MALFORMED
        except OverloadedError as error:
            answer = answers.unavailable(error.retry_after, "overloaded")
        except RedisError as error:
            self._complaints.accept_failed(type(error).__name__)
            answer = answers.unavailable(_REDIS_RETRY_S, "redis_away")
        self._context.meters.answered(answer.status, answer.reason)
        await answer.send(send)

    async def _answer(self, scope: Scope, receive: AsgiReceive) -> Answer:
        entry = await self._found(scope)
        if entry is None:
            return self._unknown(scope)
        if not _is_taken(entry, scope):
            return answers.METHOD
        received_at = self._context.clock_ms()
        by_pass = self._admit(entry, scope, received_at)
        size = body.declared(scope["headers"])
        head = _head(scope)
        refusal = self._keeping.known_refusal(entry, size, received_at)
        if answer := self._early(entry, head, scope, refusal):
            return answer
        if head.method != "POST":
            return await self._decide(scope, entry, head, received_at, answers.METHOD)
        content = await body.read(receive, share_in(scope))
        if by_pass:
            self._admit(entry, scope, received_at, content)
        request = Request(head.method, head.path, head.query, head.headers, content)
        return await self._decide(scope, entry, request, received_at, refusal)

    async def _found(self, scope: Scope) -> Entry | None:
        token = _token(scope)
        entry = await self._directory.find(token) if _is_literal(scope["raw_path"], token) else None
        if entry is None and token == ROOT:
            self._complaints.no_git_receiver(self._context.git_gateway)
        return entry

    def _unknown(self, scope: Scope) -> Answer:
        """There is no webhook; but what stands in its token's place may ask whose door this is."""
        context, is_question = self._context, scope["method"] == "GET"
        proof = answer_to(context.sealer, _token(scope), context.clock_ms()) if is_question else None
        return answers.UNKNOWN if proof is None else answers.proven(proof)

    def _early(self, entry: Entry, head: Request, scope: Scope, refusal: Answer | None) -> Answer | None:
        """The answer to a request whose body is not needed for it."""
        if entry.webhook.is_git:
            return self._receiver.at_once(entry, head, self._client(scope)) or refusal
        # A handshake spends nothing, so a spent hour does not keep it out. Its body is small.
        may_ask = may_shake_hands(entry.webhook, head, body.known(scope["headers"]))
        return None if may_ask else refusal

    def _client(self, scope: Scope) -> Client:
        return client_in(scope, self._context.trusted)

    def _admit(self, entry: Entry, scope: Scope, at_ms: int, content: bytes | None = None) -> bool:
        """Whether a client that may not send is let in all the same, by a pass; its content: once it is read.

        Raises:
            ForbiddenError: it may not send, and has no pass.
        """
        if entry.guard is None:
            return False
        client = self._client(scope)
        objection = entry.guard.objection(client)
        if objection is None:
            return False
        if not has_pass(self._context.sealer, entry.webhook.id, scope, at_ms, content):
            self._note(entry, objection, client)
            raise ForbiddenError(objection)
        return True

    async def _decide(
        self, scope: Scope, entry: Entry, request: Request, received_at: int, refusal: Answer | None
    ) -> Answer:
        """Answer a handshake, refuse what is not signed, accept an event unless it is refused anyway."""
        answer = await self._decided(scope, entry, request, received_at, refusal)
        if answer is not None:
            return answer
        fresh = await self._directory.load(_token(scope))
        if fresh is None:
            return answers.UNKNOWN
        self._admit(fresh, scope, received_at, request.body)
        answer = await self._decided(scope, fresh, request, received_at, refusal)
        return answer or self._keeping.refused(fresh, "stale")

    async def _decided(
        self, scope: Scope, entry: Entry, request: Request, received_at: int, refusal: Answer | None
    ) -> Answer | None:
        """The same by the webhook as it is remembered, None when it has changed since."""
        if entry.webhook.is_git:
            answer = await self._receiver.answer(entry, Arrived(request, received_at, self._client(scope)))
            if answer is answers.UNVOUCHED:
                self._tally.count(entry.webhook.id, "unvouched")
            return answer
        try:
            heard = await self._hearing.hear(
                _token(scope), entry, request, received_at, is_refused=refusal is not None
            )
        except (SealBrokenError, InvalidInputError) as error:
            self._complaints.webhook_unusable(entry.webhook.id, str(error))
            return answers.unavailable(FULL_RETRY_S, "unusable")
        if heard is None:
            return answers.UNKNOWN
        if not heard.judgement.is_event:
            return self._said(scope, heard)
        if refusal is not None:
            return refusal
        kept = await self._keeping.keep(heard.entry, request, received_at)
        return answers.accepted(*kept, heard.judgement.answer) if isinstance(kept, Kept) else kept

    def _note(self, entry: Entry, reason: Objection | Rejection, client: Client) -> None:
        self._refusals.note(entry.webhook.id, reason, client)
        self._tally.count(entry.webhook.id, reason)

    def _count_too_large(self, scope: Scope) -> None:
        entry = self._directory.remembered(_token(scope))
        if entry is not None:
            self._tally.count(entry.webhook.id, "too_large")

    def _said(self, scope: Scope, heard: Heard) -> Answer:
        """The answer to a request that is not to be accepted."""
        judgement = heard.judgement
        if judgement.rejection is not None:
            self._note(heard.entry, judgement.rejection, self._client(scope))
        return answers.UNSIGNED if judgement.answer is None else answers.shaken(judgement.answer)
