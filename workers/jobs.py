"""The jobs that RQ runs. They carry ids only; what they need besides is the context's."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import structlog
from rq import get_current_job
from rq.timeouts import JobTimeoutException

from domain.errors import FleetError, InvalidInputError, SealBrokenError
from domain.event import EventState, Rejection
from domain.ids import ENTROPY_BYTES, event_of, new_id
from store import decisions, deliveries, events, subscriptions, webhooks
from store.calls import Call, together
from store.decisions import Decision, Waiting
from workers.context import WorkerContext, current
from workers.errand import Errand
from workers.examining import Examiner, Suspect
from workers.expressions.allowance import WINDOW_MS, RestingError
from workers.outbound import Allowance
from workers.verifying import Place, decide, place_of
from workers.vouched import Receiver

_SHARE_EVENTS: Final = 100
_PART_DELIVERIES: Final = 1000
_ROUNDS: Final = 3  # a document, then a confirmation; the last one only decides
_log = structlog.get_logger()


class DeliveryDeadError(FleetError):
    """A delivery is out of attempts. Its job fails with this and so stands in RQ's FailedJobRegistry."""


class DeliveryGoneError(FleetError):
    """A delivery cannot be replayed: its body was deleted."""


def verify_batch() -> None:
    """Verify the events of this job's batch and fan them out."""
    context = current()
    now = context.clock_ms()
    base = new_id("job", now, context.entropy(ENTROPY_BYTES))
    runs, ids = context.store.run(events.close_batch(_job_id(), context.limits, base, now))
    if runs > 1 and not ids:
        _log.warning("batch_split", job=_job_id(), runs=runs)
    examiner = Examiner(context)
    suspects: list[Suspect] = []
    errands = _verify(context, examiner, ids, suspects)
    if errands:
        _run(context, examiner, errands, suspects)
    # Last, because it takes long: nobody else waits for it.
    for suspect in suspects:
        _fan_out(context, [suspect.decision if examiner.is_exhausted else examiner.examined(suspect)])


def attempt(*ids: str) -> None:
    """Bring due retries back to their streams; a delivery with a job of its own dies, or is replayed.

    It is replayed when somebody requeued the job.

    Raises:
        DeliveryDeadError: it is out of attempts.
        DeliveryGoneError: its body was deleted; it cannot be replayed.
    """
    context = current()
    run = new_id("job", context.clock_ms(), context.entropy(ENTROPY_BYTES))
    done = context.store.run(together([deliveries.attempt(each, _job_id(), run) for each in ids]))
    outcomes = Counter(outcome for outcome, _ in done)
    context.meters.attempted(outcomes)
    if len(ids) != 1:
        # Retries only: whatever became of one, nobody has to look at it.
        _log.info("delivery_attempts", deliveries=len(ids), **outcomes)
        return
    [delivery], [(outcome, tries)] = ids, done
    _log.info("delivery_attempt", event_id=event_of(delivery), delivery=delivery, outcome=outcome)
    if outcome == "dead":
        raise DeliveryDeadError(f"{delivery} is dead after {tries} attempts; requeue this job to replay it.")
    if outcome == "gone":
        raise DeliveryGoneError(f"{delivery} cannot be replayed: its body was deleted.")


def _job_id() -> str:
    job = get_current_job()
    if job is None:
        raise RuntimeError("Only RQ calls this.")
    return job.id


def _shares(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _SHARE_EVENTS):
        yield ids[start : start + _SHARE_EVENTS]


def _verify(
    context: WorkerContext, examiner: Examiner, ids: Sequence[str], suspects: list[Suspect]
) -> list[Errand]:
    """Decide about events. Those to be examined join the suspects; others may need calls first."""
    errands: list[Errand] = []
    places: dict[str, Place | Receiver | None] = {}
    asking: dict[str, list[Waiting]] = {}
    # In shares: the first of a large batch need not wait for the last, and memory stays bounded.
    for share in _shares(ids):
        plain: list[Waiting] = []
        for event in _known(context, share, places):
            place = places.get(event.webhook)
            asks = place is not None and place.asks_contents
            (asking.setdefault(event.gateway, []) if asks else plain).append(event)
        errands += _judge(context, examiner, plain, places, suspects)
    # Expressions take time, which is their owner's: those last who take the most of it.
    for gateway in sorted(asking, key=context.filters.spent_ms):
        errands += _judge(context, examiner, asking[gateway], places, suspects)
    return errands


def _known(
    context: WorkerContext, ids: Sequence[str], places: dict[str, Place | Receiver | None]
) -> list[Waiting]:
    """Those of the events that still wait; where they arrived joins the places."""
    waiting = context.store.run(decisions.waiting(ids))
    if waiting:
        places.update(_places(context, sorted({event.webhook for event in waiting})))
    return waiting


def _judge(
    context: WorkerContext,
    examiner: Examiner,
    waiting: Sequence[Waiting],
    places: Mapping[str, Place | Receiver | None],
    suspects: list[Suspect],
) -> list[Errand]:
    """Decide about events whose places are known."""
    errands: list[Errand] = []
    decided: list[Decision] = []
    for event in waiting:
        found = _decide(context, event, places)
        if isinstance(found, Errand):
            errands.append(found)
        elif found is not None and (suspect := _suspected(examiner, found, event, places)):
            suspects.append(suspect)
        elif found is not None:
            decided.append(found)
    _fan_out(context, decided)
    return errands


def _suspected(
    examiner: Examiner, decision: Decision, event: Waiting, places: Mapping[str, Place | Receiver | None]
) -> Suspect | None:
    place = places[event.webhook]
    return None if isinstance(place, Receiver) else examiner.suspect(decision, event, place)


def _run(
    context: WorkerContext, examiner: Examiner, errands: Sequence[Errand], suspects: list[Suspect]
) -> None:
    """Make the calls that events of a batch need. All others are through by now: nobody waits for a stranger.

    Events whose calls fail, or are too many, keep waiting; the sweeper gives each a job of its own.
    """
    if context.outbound is None:
        _fan_out(context, [errand.otherwise for errand in errands])
        return
    allowance = Allowance()
    for _ in range(_ROUNDS):
        done = context.outbound.run(errands, allowance, context.clock_ms())
        _fan_out(context, done.decisions)
        if not done.again:
            return
        errands = _verify(context, examiner, done.again, suspects)


def _fan_out(context: WorkerContext, decided: Sequence[Decision]) -> None:
    for part in _parts(decided):
        states = context.store.run(
            decisions.fan_out(part, context.clock_ms(), context.limits.retention_ms, context.dedup_ms)
        )
        context.meters.decided(map(_fate, part, states))


def _fate(decision: Decision, state: str) -> tuple[str, str]:
    """What became of an event, and why it was rejected; its webhook may have been deleted meanwhile."""
    is_rejected = state == EventState.REJECTED
    return state, (decision.reason or Rejection.WEBHOOK_DELETED) if is_rejected else ""


def _parts(decided: Sequence[Decision]) -> Iterator[Sequence[Decision]]:
    """So few at a time that Redis is not kept from others for long; a delivery costs it some microseconds."""
    part: list[Decision] = []
    deliveries_made = 0
    for decision in decided:
        if part and deliveries_made + len(decision.subscriptions) > _PART_DELIVERIES:
            yield part
            part, deliveries_made = [], 0
        part.append(decision)
        deliveries_made += len(decision.subscriptions)
    if part:
        yield part


def _decide(
    context: WorkerContext, event: Waiting, places: Mapping[str, Place | Receiver | None]
) -> Decision | Errand | None:
    if event.webhook not in places:
        return None
    place = places[event.webhook]
    try:
        if isinstance(place, Receiver):
            return place.decide(event, context.sealer, context.filters)
        return decide(event, place, context.sealer, context.filters)
    except JobTimeoutException:
        # RQ rings once; swallowed, the rest of the job would have no end. Each event gets a job of its own.
        raise
    except RestingError:
        # Decided without, it would be lost for that subscription. It has three tries, as after crashes.
        context.store.run(decisions.put_off([event.event], context.clock_ms() + WINDOW_MS))
        _log.info("event_put_off", event_id=event.event)
        return None
    except Exception as error:  # noqa: BLE001 - one event's trouble must not hold up the others
        # It keeps waiting; the sweeper gives it a job of its own and counts this as a crash.
        _log.error("event_crashed", event_id=event.event, error=type(error).__name__)
        return None


def _places(context: WorkerContext, ids: Sequence[str]) -> dict[str, Place | Receiver | None]:
    """The webhooks of these ids and who listens to them, in one round trip; None for a deleted one.

    One whose secrets cannot be opened is missing: its events are tried again, and set aside at last.
    """
    found, listening = webhooks.fetch(ids), subscriptions.routes(ids)
    cut = len(found.commands)
    both = Call(
        found.commands + listening.commands,
        lambda replies: (found.parse(replies[:cut]), listening.parse(replies[cut:])),
    )
    outbound = context.outbound
    known: Mapping[str, bytes] = {} if outbound is None else outbound.documents(context.clock_ms())
    places: dict[str, Place | Receiver | None] = {}
    for webhook, stored, routes in zip(ids, *context.store.run(both), strict=True):
        if stored is None or stored.webhook.is_git:
            places[webhook] = None if stored is None else Receiver(routes, stored.webhook.name)
            continue
        try:
            places[webhook] = place_of(stored, routes, context.sealer, context.public_url, known)
        except (SealBrokenError, InvalidInputError) as error:
            _log.error("webhook_unusable", webhook=webhook, error=str(error))
    return places
