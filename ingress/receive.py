"""Receiving: one request of a sender, checked cheapest first, accepted or refused.

An ASGI endpoint rather than a request handler: the accept path makes no objects it does not need.
"""

from typing import Final

from redis.exceptions import RedisError
from starlette.types import Receive as AsgiReceive
from starlette.types import Scope, Send

from domain.errors import InvalidInputError, OverloadedError, SealBrokenError
from domain.event import Request, end_to_end
from ingress import answers, body
from ingress.acceptor import Acceptor
from ingress.answers import Answer
from ingress.complaints import Complaints
from ingress.context import IngressContext
from ingress.directory import Directory, Entry, Full
from ingress.guard import Objection, client_in
from ingress.hearing import Heard, Hearing
from ingress.judge import may_shake_hands, takes
from ingress.pressure import Pressure
from ingress.refusals import RefusalLog
from ingress.room import share_in
from store.events import Acceptance, Verdict

_REDIS_RETRY_S: Final = 5
_FULL_RETRY_S: Final = 30
_REMEMBERED_MS: Final = 1000
_FORBIDDEN: Final = {
    Objection.PLAIN_HTTP: answers.HTTPS_ONLY,
    Objection.NOT_ALLOWED: answers.NOT_ALLOWED,
}
_PASSING: Final = {"stale", "lost"}


def _is_literal(raw_path: bytes, token: str) -> bool:
    """Whether the address was sent as we write it. Percent-encoded, the token would be kept with the path."""
    start = b"/t/" + token.encode()
    return raw_path == start or raw_path.startswith(start + b"/")


def _is_taken(entry: Entry, scope: Scope) -> bool:
    """Whether the method can mean anything here. What is no POST can be a handshake, without a body."""
    if scope["method"] == "POST":
        return True
    return takes(entry.webhook, scope["method"]) and body.known(scope["headers"]) == 0


def _head(scope: Scope) -> Request:
    """A request without its body."""
    # "/t/TOKEN/rest", as it was sent: percent-encoded.
    _, slash, rest = scope["raw_path"].removeprefix(b"/t/").partition(b"/")
    # Now, not after the body: trailers would join the headers, and they are none (RFC 9110, 6.5.1).
    headers = end_to_end(scope["headers"])
    return Request(scope["method"], slash + rest, scope["query_string"], headers, b"")


class Receive:
    """The endpoint behind `/t/{token}`."""

    def __init__(
        self, context: IngressContext, acceptor: Acceptor, pressure: Pressure, refusals: RefusalLog
    ) -> None:
        self._context = context
        self._acceptor = acceptor
        self._pressure = pressure
        self._refusals = refusals
        self._directory = Directory(context)
        self._hearing = Hearing(context, self._directory)
        self._complaints = Complaints(context.clock_ms)

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: Send) -> None:
        """Answer one request."""
        try:
            answer = await self._answer(scope, receive)
        except body.BodyTooLargeError:
            answer = answers.TOO_LARGE
        except body.SenderGoneError:
            return
        except ValueError:
            answer = answers.MALFORMED
        except OverloadedError as error:
            answer = answers.unavailable(error.retry_after)
        except RedisError as error:
            self._complaints.accept_failed(type(error).__name__)
            answer = answers.unavailable(_REDIS_RETRY_S)
        await answer.send(send)

    async def _answer(self, scope: Scope, receive: AsgiReceive) -> Answer:
        token: str = scope["path_params"]["token"]
        entry = await self._directory.find(token) if _is_literal(scope["raw_path"], token) else None
        if entry is None:
            return answers.UNKNOWN
        if not _is_taken(entry, scope):
            return answers.METHOD
        if forbidden := self._forbidden(entry, scope):
            return forbidden
        size = body.declared(scope["headers"])
        received_at = self._context.clock_ms()
        head = _head(scope)
        refusal = self._known_refusal(entry, size, received_at)
        # A handshake spends nothing, so a spent hour does not keep it out. Its body is small.
        if refusal and not may_shake_hands(entry.webhook, head, body.known(scope["headers"])):
            return refusal
        if head.method != "POST":
            return await self._decide(scope, entry, head, received_at, answers.METHOD)
        content = await body.read(receive, share_in(scope))
        request = Request(head.method, head.path, head.query, head.headers, content)
        return await self._decide(scope, entry, request, received_at, refusal)

    def _forbidden(self, entry: Entry, scope: Scope) -> Answer | None:
        if entry.guard is None:
            return None
        client = client_in(scope, self._context.trusted)
        objection = entry.guard.objection(client)
        if objection is None:
            return None
        self._refusals.note(entry.webhook.id, objection, client)
        return _FORBIDDEN[objection]

    def _known_refusal(self, entry: Entry, size: int, received_at: int) -> Answer | None:
        """What Redis would say to a body of this size, as far as we know without asking."""
        if received_at < entry.spent_until:
            return answers.limited(entry.webhook.hourly_limit, entry.hour_ends - received_at)
        if self._pressure.high:
            return answers.unavailable(_FULL_RETRY_S)
        if entry.full is not None and received_at < entry.full.until and size >= entry.full.size:
            return self._refused(entry, entry.full.verdict)
        return None

    async def _decide(
        self, scope: Scope, entry: Entry, request: Request, received_at: int, refusal: Answer | None
    ) -> Answer:
        """Answer a handshake, refuse what is not signed, accept an event unless it is refused anyway."""
        answer = await self._decided(scope, entry, request, received_at, refusal)
        if answer is not None:
            return answer
        fresh = await self._directory.load(scope["path_params"]["token"])
        if fresh is None:
            return answers.UNKNOWN
        if forbidden := self._forbidden(fresh, scope):
            return forbidden
        answer = await self._decided(scope, fresh, request, received_at, refusal)
        return answer or self._refused(fresh, "stale")

    async def _decided(
        self, scope: Scope, entry: Entry, request: Request, received_at: int, refusal: Answer | None
    ) -> Answer | None:
        """The same by the webhook as it is remembered, None when it has changed since."""
        try:
            heard = await self._hearing.hear(
                scope["path_params"]["token"], entry, request, received_at, is_refused=refusal is not None
            )
        except (SealBrokenError, InvalidInputError) as error:
            self._complaints.webhook_unusable(entry.webhook.id, str(error))
            return answers.unavailable(_FULL_RETRY_S)
        if heard is None:
            return answers.UNKNOWN
        if not heard.judgement.is_event:
            return self._said(scope, heard)
        if refusal is not None:
            return refusal
        event, acceptance = await self._acceptor.accept(heard.entry.webhook, request, received_at)
        if acceptance.verdict == "stale":
            return None
        return self._verdict(heard, event, acceptance, len(request.body))

    def _said(self, scope: Scope, heard: Heard) -> Answer:
        """The answer to a request that is not to be accepted."""
        judgement = heard.judgement
        if judgement.rejection is not None:
            client = client_in(scope, self._context.trusted)
            self._refusals.note(heard.entry.webhook.id, judgement.rejection, client)
        return answers.UNSIGNED if judgement.answer is None else answers.shaken(judgement.answer)

    def _verdict(self, heard: Heard, event: str, acceptance: Acceptance, size: int) -> Answer:
        entry = heard.entry
        if acceptance.verdict == "accepted":
            left, reset_ms = acceptance.remaining, acceptance.reset_ms
            return answers.accepted(event, left, reset_ms, heard.judgement.answer)
        if acceptance.verdict == "limited":
            # Known for a moment only: the owner may raise the limit.
            now = self._context.clock_ms()
            entry.spent_until = now + min(_REMEMBERED_MS, acceptance.reset_ms)
            entry.hour_ends = now + acceptance.reset_ms
            return answers.limited(entry.webhook.hourly_limit, acceptance.reset_ms)
        if acceptance.verdict not in _PASSING:
            # Likewise: work drains. Only the bytes that are stored depend on the size.
            least = size if acceptance.verdict == "stored_mib" else 0
            entry.full = Full(acceptance.verdict, least, self._context.clock_ms() + _REMEMBERED_MS)
        return self._refused(entry, acceptance.verdict)

    def _refused(self, entry: Entry, verdict: Verdict) -> Answer:
        self._complaints.not_accepted(entry.webhook.gateway, entry.webhook.id, verdict)
        return answers.unavailable(1 if verdict in _PASSING else _FULL_RETRY_S)
