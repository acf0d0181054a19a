"""Examining: while an owner wishes it, a worker finds out why signatures fail. Only now it has the bodies."""

from dataclasses import dataclass, replace
from typing import Final

import structlog
from rq.timeouts import JobTimeoutException

from domain.envelope import unpack
from domain.event import Rejection
from domain.senders.diagnosis import diagnose
from store import webhooks
from store.decisions import Decision, Waiting
from store.examining import case_of, neighbours
from store.sealing import event_place
from store.webhooks import StoredWebhook
from workers.context import WorkerContext
from workers.verifying import Place

MOST: Final = 2
"""So many events are examined in one job: the worst of them takes a second."""

A_MINUTE: Final = 6
"""So many events of one gateway are examined in a minute by one worker: others wait for it meanwhile."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Suspect:
    """A rejected event whose owner wants to know why.

    Attributes:
        decision: what is decided about it.
        event: the event, with its sealed request.
        place: where it arrived.
    """

    decision: Decision
    event: Waiting
    place: Place


class Examiner:
    """Adds findings to decisions, for one job. An examination that fails changes nothing about an event."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._left = MOST
        self._neighbours: dict[str, list[StoredWebhook | None]] = {}

    def suspect(self, decision: Decision, event: Waiting, place: Place | None) -> Suspect | None:
        """The event as one to be examined, and counted; None when nobody wishes it, or too many were."""
        if not decision.reason or not Rejection(decision.reason).is_of_signature or not self._left:
            return None
        if place is None or not place.stored.webhook.is_examined(event.received_at):
            return None
        if not self._context.examinations.spend(event.gateway, self._context.clock_ms()):
            return None
        self._left -= 1
        return Suspect(decision, event, place)

    def examined(self, suspect: Suspect) -> Decision:
        """The decision with a finding, without one when the examination fails or takes too long."""
        try:
            return replace(suspect.decision, finding=self._finding(suspect.event, suspect.place))
        except JobTimeoutException:
            # RQ rings once. What is left of the job is short: nothing more is examined.
            self._left = -1
            _log.error("examination_too_long", event_id=suspect.event.event)
        except Exception as error:  # noqa: BLE001 - help must not stand in the way of what it is for
            _log.error("examination_failed", event_id=suspect.event.event, error=type(error).__name__)
        return suspect.decision

    @property
    def is_exhausted(self) -> bool:
        """Whether this job has no time left for examinations."""
        return self._left < 0

    def _finding(self, event: Waiting, place: Place) -> str:
        context = self._context
        place_of_event = event_place(event.gateway, event.webhook, event.event)
        request = unpack(context.sealer.open(event.sealed or b"", place_of_event))
        others = self._others(event.gateway, event.webhook)
        case = case_of(place.stored, others, request, event.received_at, context.sealer, context.public_url)
        finding = diagnose(replace(case, site=place.site))
        _log.info("signature_examined", event_id=event.event, cause=finding.cause)
        return finding.written()

    def _others(self, gateway: str, webhook: str) -> list[StoredWebhook | None]:
        if webhook not in self._neighbours:
            ids = self._context.store.run(neighbours(gateway, webhook))
            self._neighbours[webhook] = self._context.store.run(webhooks.fetch(ids)) if ids else []
        return self._neighbours[webhook]
