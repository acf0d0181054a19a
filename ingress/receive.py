"""Receiving: one request of a sender, checked cheapest first, accepted or refused.

An ASGI endpoint rather than a request handler: the accept path makes no objects it does not need.
"""

from typing import Final

import structlog
from redis.exceptions import RedisError
from starlette.types import Receive as AsgiReceive
from starlette.types import Scope, Send

from domain.errors import OverloadedError, SealBrokenError
from domain.event import Request, end_to_end
from domain.secret import live
from domain.senders import SENDERS, answer_handshake
from ingress import answers, body
from ingress.acceptor import Acceptor
from ingress.answers import Answer
from ingress.complaints import Complaints
from ingress.context import IngressContext
from ingress.directory import Directory, Entry, Full
from ingress.guard import Objection, client_in
from ingress.pressure import Pressure
from ingress.refusals import RefusalLog
from ingress.room import share_in
from store.events import Acceptance, Verdict
from store.webhooks import open_vault

_REDIS_RETRY_S: Final = 5
_FULL_RETRY_S: Final = 30
_REMEMBERED_MS: Final = 1000
_FORBIDDEN: Final = {
    Objection.PLAIN_HTTP: answers.HTTPS_ONLY,
    Objection.NOT_ALLOWED: answers.NOT_ALLOWED,
}
_PASSING: Final = {"stale", "lost"}
_log = structlog.get_logger()


def _is_literal(raw_path: bytes, token: str) -> bool:
    """Whether the address was sent as we write it. Percent-encoded, the token would be kept with the path."""
    start = b"/t/" + token.encode()
    return raw_path == start or raw_path.startswith(start + b"/")


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
        if not _is_literal(scope["raw_path"], token):
            return answers.UNKNOWN
        entry = await self._directory.find(token)
        if entry is None:
            return answers.UNKNOWN
        if scope["method"] != "POST":
            return answers.METHOD
        if entry.guard is not None and (forbidden := self._forbidden(entry, scope)):
            return forbidden
        size = body.declared(scope["headers"])
        received_at = self._context.clock_ms()
        if refusal := self._known_refusal(entry, size, received_at):
            return refusal
        request = await self._read(scope, receive)
        return self._shake_hands(entry, request, received_at) or await self._accept(
            scope, entry, request, received_at
        )

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

    async def _read(self, scope: Scope, receive: AsgiReceive) -> Request:
        # Before the body: trailers would join the headers, and they are not headers (RFC 9110, 6.5.1).
        headers = end_to_end(scope["headers"])
        content = await body.read(receive, share_in(scope))
        # "/t/TOKEN/rest", as it was sent: percent-encoded.
        _, slash, rest = scope["raw_path"].removeprefix(b"/t/").partition(b"/")
        return Request("POST", slash + rest, scope["query_string"], headers, content)

    def _shake_hands(self, entry: Entry, request: Request, received_at: int) -> Answer | None:
        sender = SENDERS[entry.webhook.sender]
        if not sender.handshakes:
            return None
        try:
            vault = open_vault(self._context.sealer, entry.stored)
        except SealBrokenError:
            _log.error("secrets_unreadable", webhook=entry.webhook.id)
            return answers.unavailable(_FULL_RETRY_S)
        secrets = [each.value for each in live(vault.secrets, received_at)]
        answer = answer_handshake(sender, request, secrets, received_at)
        if answer is None:
            return None
        return Answer(answer.status, answer.body, answer.content_type.encode(), [answers.NOSNIFF])

    async def _accept(self, scope: Scope, entry: Entry, request: Request, received_at: int) -> Answer:
        event, acceptance = await self._acceptor.accept(entry.webhook, request, received_at)
        if acceptance.verdict == "stale":
            fresh = await self._directory.load(scope["path_params"]["token"])
            if fresh is None:
                return answers.UNKNOWN
            entry = fresh
            if forbidden := self._forbidden(entry, scope):
                return forbidden
            event, acceptance = await self._acceptor.accept(entry.webhook, request, received_at)
        return self._verdict(entry, event, acceptance, len(request.body))

    def _verdict(self, entry: Entry, event: str, acceptance: Acceptance, size: int) -> Answer:
        limit = entry.webhook.hourly_limit
        if acceptance.verdict == "accepted":
            return answers.accepted(event, acceptance.remaining, acceptance.reset_ms)
        if acceptance.verdict == "limited":
            # Known for a moment only: the owner may raise the limit.
            now = self._context.clock_ms()
            entry.spent_until = now + min(_REMEMBERED_MS, acceptance.reset_ms)
            entry.hour_ends = now + acceptance.reset_ms
            return answers.limited(limit, acceptance.reset_ms)
        if acceptance.verdict not in _PASSING:
            # Likewise: work drains. Only the bytes that are stored depend on the size.
            least = size if acceptance.verdict == "stored_mib" else 0
            entry.full = Full(acceptance.verdict, least, self._context.clock_ms() + _REMEMBERED_MS)
        return self._refused(entry, acceptance.verdict)

    def _refused(self, entry: Entry, verdict: Verdict) -> Answer:
        self._complaints.not_accepted(entry.webhook.gateway, entry.webhook.id, verdict)
        return answers.unavailable(1 if verdict in _PASSING else _FULL_RETRY_S)
