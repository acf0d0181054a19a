"""Examining: while an owner wishes it, a worker finds out why signatures fail. Only now it has the bodies."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import structlog

from domain.envelope import unpack
from domain.event import Rejection
from domain.senders.diagnosis import diagnose
from store import webhooks
from store.events import Decision, Waiting
from store.examining import case_of, neighbours
from store.sealing import event_place
from store.webhooks import StoredWebhook
from workers.context import WorkerContext
from workers.verifying import Place

MOST: Final = 2
"""So many events are examined in one job: the worst of them takes a second."""

_log = structlog.get_logger()


class Examiner:
    """Adds findings to decisions, for one job. An examination that fails changes nothing about an event."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._left = MOST
        self._neighbours: dict[str, list[StoredWebhook | None]] = {}

    def examined(
        self, decisions: Sequence[Decision], events: Sequence[Waiting], places: Mapping[str, Place | None]
    ) -> list[Decision]:
        """The decisions, with findings where the owner of the webhook wants to know."""
        by_id = {event.event: event for event in events}
        return [self._examined(decision, by_id[decision.event], places) for decision in decisions]

    def _examined(self, decision: Decision, event: Waiting, places: Mapping[str, Place | None]) -> Decision:
        place = places[event.webhook]
        if place is None or not place.stored.webhook.is_examined(event.received_at):
            return decision
        if not decision.reason or not Rejection(decision.reason).is_of_signature or not self._left:
            return decision
        self._left -= 1
        try:
            return replace(decision, finding=self._finding(event, place))
        except Exception as error:  # noqa: BLE001 - help must not stand in the way of what it is for
            _log.error("examination_failed", event_id=event.event, error=type(error).__name__)
            return decision

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
