"""The outcome of an event: one word for where it stands, its deliveries included."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from domain.delivery import IN_FLIGHT, DeliveryState
from domain.event import EventState


class EventOutcome(StrEnum):
    """What became of an event, as its owner sees it."""

    WAITING = "waiting"  # accepted, and not looked at yet
    REJECTED = "rejected"
    UNMATCHED = "unmatched"
    DUPLICATE = "duplicate"
    SET_ASIDE = "set_aside"
    UNDER_WAY = "under_way"  # somebody still owes a delivery
    DELIVERED = "delivered"
    FAILED = "failed"  # at least one delivery is dead: somebody has to look
    REFUSED = "refused"  # its subscriber wants it never again
    DISCARDED = "discarded"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


_WORST_FIRST: Final = (
    (frozenset({DeliveryState.DEAD}), EventOutcome.FAILED),
    (IN_FLIGHT, EventOutcome.UNDER_WAY),
    (frozenset({DeliveryState.DELIVERED}), EventOutcome.DELIVERED),
    (frozenset({DeliveryState.REFUSED}), EventOutcome.REFUSED),
    (frozenset({DeliveryState.DISCARDED}), EventOutcome.DISCARDED),
    (frozenset({DeliveryState.CANCELLED}), EventOutcome.CANCELLED),
)


def outcome_of(state: EventState, deliveries: Collection[DeliveryState]) -> EventOutcome:
    """The outcome of an event: what needs most attention wins.

    Args:
        state: where the event stands.
        deliveries: where its deliveries stand.
    """
    if state is not EventState.FANNED_OUT:
        return EventOutcome(state)
    found = (outcome for states, outcome in _WORST_FIRST if not states.isdisjoint(deliveries))
    return next(found, EventOutcome.EXPIRED)


def deliveries_of(outcome: EventOutcome) -> frozenset[DeliveryState]:
    """The states of which one of its deliveries is in, when it has this outcome; none: any."""
    if outcome is EventOutcome.EXPIRED:
        return frozenset({DeliveryState.EXPIRED})
    found = (states for states, told in _WORST_FIRST if told is outcome)
    return next(found, frozenset[DeliveryState]())


def states_of(outcome: EventOutcome) -> frozenset[EventState]:
    """The states in which an event of this outcome can be."""
    own = {EventState(outcome)} if outcome in set(EventState) else set[EventState]()
    told = {found for _, found in _WORST_FIRST} | {EventOutcome.EXPIRED}
    return frozenset(own | ({EventState.FANNED_OUT} if outcome in told else set()))
