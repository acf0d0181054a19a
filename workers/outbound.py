"""Outbound: the calls of a worker, and the documents that they brought.

A certificate or key set of a sender has to be fetched before its signature can be judged; a subscription has
to be confirmed. Strangers can cause the former, so both are bounded: few in a batch, few a minute for a
webhook, none for a while to a host that does not answer.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Final

import structlog

from domain.senders.hosts import host_of
from store import documents
from store.connect import SyncStore
from store.documents import LIFE_MS, Document
from store.events import Decision
from store.sealing import Sealer
from workers.budget import Budget
from workers.calling import Answer, CallFailedError, Calling
from workers.errand import Errand, Purpose

FRESH_MS: Final = 5 * 60_000
"""In milliseconds: one younger than this is not fetched again because it lacks what a request names."""

ABSENT_MS: Final = 60_000
"""For how long a document that its host does not have is known to be absent, in milliseconds."""

PAUSE_MS: Final = 15_000
"""For how long a host is not called after it failed, in milliseconds. Shorter than the time after which
events that wait are tried again (FLEET_RECOVERY_S), or a short failure would cost them several tries."""

CALLS_A_MINUTE: Final = 6
"""For one webhook, by one worker."""

_KEPT: Final = 64
_LOOKED_UP: Final = 32
_HOSTS_PAUSED: Final = 200
_log = structlog.get_logger()


@dataclass(slots=True)
class Allowance:
    """The calls that one batch may still make: two at most, so that its job ends in time."""

    left: set[Purpose] = field(default_factory=lambda: set(Purpose))


@dataclass(frozen=True, slots=True)
class Done:
    """What came of errands. The events in neither list wait, and are tried again.

    Attributes:
        decisions: on events that are decided now.
        again: ids of events that are to be verified again, with what was fetched.
    """

    decisions: list[Decision] = field(default_factory=list[Decision])
    again: list[str] = field(default_factory=list[str])


class Outbound:
    """The errands of one worker, and the documents that it has."""

    def __init__(self, calling: Calling, store: SyncStore, sealer: Sealer) -> None:
        self._calling = calling
        self._store = store
        self._sealer = sealer
        self._documents: OrderedDict[str, Document] = OrderedDict()
        self._budget = Budget(CALLS_A_MINUTE)
        self._paused: OrderedDict[str, int] = OrderedDict()

    def documents(self, now_ms: int) -> Mapping[str, bytes]:
        """The documents that are here and not too old, by their URLs."""
        for url, document in list(self._documents.items()):
            if now_ms - document.fetched_at >= (LIFE_MS if document.content else ABSENT_MS):
                del self._documents[url]
        return {url: document.content for url, document in self._documents.items()}

    def run(self, errands: Sequence[Errand], allowance: Allowance, now_ms: int) -> Done:
        """Make the calls that may be made.

        Args:
            errands: what events need.
            allowance: what their batch may still call; it becomes less.
            now_ms: Unix time in milliseconds.

        Raises:
            redis.exceptions.RedisError: Redis is away.
        """
        done = Done()
        self._documents_for(
            [each for each in errands if each.purpose is Purpose.DOCUMENT], allowance, now_ms, done
        )
        for errand in errands:
            if errand.purpose is Purpose.CONFIRMATION and (note := self._confirm(errand, allowance, now_ms)):
                done.decisions.append(replace(errand.otherwise, note=note))
        if waiting := len(errands) - len(done.decisions) - len(done.again):
            _log.warning("events_postponed", events=waiting)
        return done

    def _documents_for(
        self, errands: Sequence[Errand], allowance: Allowance, now_ms: int, done: Done
    ) -> None:
        before = dict(self._documents)

        def is_new(url: str) -> bool:
            return self._documents.get(url) != before.get(url)

        self._look_up({errand.url for errand in errands}, now_ms)
        for errand in errands:
            # What has just come from Redis, however old, has not been tried yet.
            is_wanted = not is_new(errand.url) and not self._is_fresh(errand.url, now_ms)
            if is_wanted and self._may_call(errand, allowance, now_ms):
                self._fetch(errand, now_ms)
        for errand in errands:
            if is_new(errand.url):
                done.again.append(errand.event)
            elif self._is_fresh(errand.url, now_ms):
                done.decisions.append(errand.otherwise)

    def _look_up(self, urls: Iterable[str], now_ms: int) -> None:
        """Take from Redis what another worker has fetched."""
        wanted = [url for url in sorted(urls) if not self._is_fresh(url, now_ms)][:_LOOKED_UP]
        if not wanted:
            return
        for url, document in self._store.run(documents.fetch(wanted, self._sealer)).items():
            known = self._documents.get(url)
            if known is None or known.fetched_at < document.fetched_at:
                self._know(url, document)

    def _is_fresh(self, url: str, now_ms: int) -> bool:
        known = self._documents.get(url)
        return known is not None and now_ms - known.fetched_at < FRESH_MS

    def _know(self, url: str, document: Document) -> None:
        self._documents[url] = document
        self._documents.move_to_end(url)
        if len(self._documents) > _KEPT:
            self._documents.popitem(last=False)

    def _may_call(self, errand: Errand, allowance: Allowance, now_ms: int) -> bool:
        """Whether a call is within all bounds; it is then counted."""
        if errand.purpose not in allowance.left:
            return False
        if any(self._paused.get(name, 0) > now_ms for name in (_host(errand), errand.url)):
            return False
        if not self._budget.spend(errand.webhook, now_ms):
            return False
        allowance.left.discard(errand.purpose)
        return True

    def _fetch(self, errand: Errand, now_ms: int) -> None:
        answer = self._call(errand, now_ms)
        if answer is None:
            return
        if answer.status == HTTPStatus.OK and answer.body:
            document = Document(answer.body, now_ms)
            self._store.run(documents.keep(errand.url, document, self._sealer))
            self._know(errand.url, document)
            _log.info("document_fetched", event_id=errand.event, url=errand.url, size=len(answer.body))
        elif answer.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
            self._know(errand.url, Document(b"", now_ms))
            _log.warning("document_absent", event_id=errand.event, url=errand.url, webhook=errand.webhook)
        else:
            self._pause(errand, f"It answered {answer.status}.", now_ms, _paused_by(errand, answer))

    def _confirm(self, errand: Errand, allowance: Allowance, now_ms: int) -> str | None:
        """What came of a confirmation, None when it is to be tried again."""
        if not self._may_call(errand, allowance, now_ms):
            return None
        answer = self._call(errand, now_ms)
        if answer is None:
            return None
        if answer.status < HTTPStatus.MULTIPLE_CHOICES:
            _log.info("subscription_confirmed", event_id=errand.event, webhook=errand.webhook)
            return "subscription confirmed"
        if answer.status in _PASSING or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._pause(errand, f"It answered {answer.status}.", now_ms, _paused_by(errand, answer))
            return None
        _log.warning(
            "subscription_refused", event_id=errand.event, webhook=errand.webhook, status=answer.status
        )
        return f"subscription not confirmed: its sender answered {answer.status}"

    def _call(self, errand: Errand, now_ms: int) -> Answer | None:
        try:
            return self._calling(errand.url)
        except CallFailedError as error:
            self._pause(errand, str(error), now_ms)
            return None

    def _pause(self, errand: Errand, why: str, now_ms: int, name: str = "") -> None:
        host = _host(errand)
        self._paused[name or host] = now_ms + PAUSE_MS
        self._paused.move_to_end(name or host)
        if len(self._paused) > _HOSTS_PAUSED:
            self._paused.popitem(last=False)
        # The path of a confirmation is a secret of the owner's.
        _log.warning(
            "call_failed",
            event_id=errand.event,
            webhook=errand.webhook,
            host=host,
            purpose=errand.purpose,
            error=why,
        )


_PASSING: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)


def _paused_by(errand: Errand, answer: Answer) -> str:
    """What is let alone: the host that is in trouble, or the URL that it refuses. Strangers choose URLs."""
    is_host = answer.status in _PASSING or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return _host(errand) if is_host else errand.url


def _host(errand: Errand) -> str:
    return host_of(errand.url) or ""
