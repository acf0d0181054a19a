"""Views of events and deliveries: what became of them, as metadata. Bodies are shown to nobody."""

from collections.abc import Iterator, Mapping

from domain.delivery import DeliveryState
from domain.event import EventState
from domain.expression.failure import told
from domain.outcome import outcome_of
from domain.passed_over import Because, PassedOver
from relay.server.api.views import View, moment, moment_or_none
from store.failures import Failure
from store.stories import AttemptStory, DeliveryStory, Story


def things_of(story: Story) -> Iterator[str]:
    """Ids of the webhook and the subscriptions in a story, whose names its view shows."""
    yield story.webhook
    yield from (each.subscription for each in story.deliveries)
    yield from (each.subscription for each in story.passed_over)


def of_story(story: Story, names: Mapping[str, str], retention_ms: int) -> View:
    """What became of an event.

    Args:
        story: the event.
        names: names of webhooks and subscriptions by their ids; who is not in it was deleted.
        retention_ms: how long a body is kept at most.
    """
    return {
        "id": story.event,
        "webhook": story.webhook,
        "webhook_name": names.get(story.webhook),
        "state": story.state,
        "outcome": _outcome(story),
        "type": story.event_type,
        "is_test": story.is_test,
        "verified_by": story.scheme or None,
        "left_home": story.left_home,
        "secret": story.secret or None,
        "rejected_because": story.reason or None,
        "seems_to_be": story.seems or None,
        "note": story.note or None,
        "finding": None if story.finding is None else story.finding.content,
        "events_in_body": story.items,
        "size_bytes": story.size,
        "received_at": moment(story.received_at),
        "decided_at": moment_or_none(story.decided_at),
        "body": "kept" if story.has_body else "deleted",
        "body_until": _body_until(story, retention_ms),
        "passed_over": [_of_passed_over(each, names) for each in story.passed_over],
        "deliveries": [of_delivery(each, names) for each in story.deliveries],
    }


def of_delivery(delivery: DeliveryStory, names: Mapping[str, str], due_at: int | None = None) -> View:
    """What became of a delivery.

    Args:
        delivery: the delivery.
        names: as above.
        due_at: when it is tried again, Unix ms, where the delivery itself does not say so.
    """
    return {
        "id": delivery.id,
        "subscription": delivery.subscription,
        "subscription_name": names.get(delivery.subscription),
        "state": delivery.state,
        "attempts": delivery.attempt,
        "generation": delivery.generation,
        "note": delivery.note,
        "created_at": moment_or_none(delivery.created_at),
        "sent_at": moment_or_none(delivery.sent_at),
        "settled_at": moment_or_none(delivery.settled_at),
        "next_attempt_at": moment_or_none(due_at or delivery.due_at),
        "history": [_of_attempt(each) for each in delivery.history],
    }


def of_failure(failure: Failure, names: Mapping[str, str], retention_ms: int) -> View:
    """A delivery that is dead or waits for a retry, with facts of its event, whose body is kept meanwhile."""
    return {
        **of_delivery(failure.delivery, names, failure.due_at),
        "event": failure.event,
        "type": failure.event_type,
        "webhook": failure.webhook,
        "webhook_name": names.get(failure.webhook),
        "received_at": moment(failure.received_at),
        "failed_at": moment(failure.since),
        "body_until": moment(failure.received_at + retention_ms),
    }


def of_one(
    story: Story, delivery: DeliveryStory, failed_at: int | None, names: Mapping[str, str], retention_ms: int
) -> View:
    """A delivery in any state, in the same form.

    Args:
        story: its event.
        delivery: the delivery.
        failed_at: since when it is dead or waits for a retry, Unix ms; None: it does neither.
        names: as above.
        retention_ms: as above.
    """
    return {
        **of_delivery(delivery, names),
        "event": story.event,
        "type": story.event_type,
        "webhook": story.webhook,
        "webhook_name": names.get(story.webhook),
        "received_at": moment(story.received_at),
        "failed_at": moment_or_none(failed_at),
        "body_until": _body_until(story, retention_ms),
    }


def _outcome(story: Story) -> str:
    # A delivery whose record has ended before that of its event has no state any more.
    states = [DeliveryState(each.state) for each in story.deliveries if each.state]
    return outcome_of(EventState(story.state), states)


def _body_until(story: Story, retention_ms: int) -> str | None:
    return moment(story.received_at + retention_ms) if story.has_body else None


def _of_passed_over(each: PassedOver, names: Mapping[str, str]) -> View:
    return {
        "subscription": each.subscription,
        "name": names.get(each.subscription),
        "because": each.because.value,
        "events": list(each.asked_as(Because.EVENT_TYPE)),
        "senders": list(each.asked_as(Because.SENDER)),
        "expression": "".join(each.asked_as(Because.EXPRESSION, Because.EXPRESSION_FAILED)),
        "detail": told(each.detail) if each.detail else "",
    }


def _of_attempt(each: AttemptStory) -> View:
    return {
        "attempt": each.attempt,
        "outcome": each.outcome,
        "note": each.note,
        "sent_at": moment_or_none(each.sent_at),
        "at": moment(each.at),
    }
