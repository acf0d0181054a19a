"""The ledger: every event and every delivery is somewhere, and the sums say so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.delivery import FINAL, DeliveryState
from domain.event import EventState

EVENT_ACCEPTED: Final = "event:accepted"
DELIVERY_CREATED: Final = "delivery:created"
DELIVERY_IN_FLIGHT: Final = "delivery:in_flight"
STORED_EVENTS: Final = "stored:events"
STORED_BYTES: Final = "stored:bytes"

EVENT_PLACES: Final = tuple(f"event:{state}" for state in EventState)
DELIVERY_PLACES: Final = (
    DELIVERY_IN_FLIGHT,
    f"delivery:{DeliveryState.DEAD}",
    *sorted(f"delivery:{state}" for state in FINAL),
)


@dataclass(frozen=True, slots=True)
class Census:
    """What is really there, counted one by one.

    Attributes:
        waiting: events accepted and not decided.
        in_flight: deliveries somebody still owes work on.
        stored_events: events whose sealed request is there.
        stored_bytes: bytes of their sealed requests.
    """

    waiting: int = 0
    in_flight: int = 0
    stored_events: int = 0
    stored_bytes: int = 0

    def __add__(self, other: "Census") -> "Census":
        return Census(
            self.waiting + other.waiting,
            self.in_flight + other.in_flight,
            self.stored_events + other.stored_events,
            self.stored_bytes + other.stored_bytes,
        )


def differences(counts: Mapping[str, int], census: Census | None) -> list[str]:
    """What does not add up, one sentence each; empty when the ledger balances.

    Args:
        counts: the ledger of one gateway.
        census: what was found in the same gateway while the ledger stood still; None: it never did.
    """
    events = sum(counts.get(place, 0) for place in EVENT_PLACES)
    deliveries = sum(counts.get(place, 0) for place in DELIVERY_PLACES)
    claims = (
        ("events accepted", counts.get(EVENT_ACCEPTED, 0), "the sum of their states", events),
        ("deliveries created", counts.get(DELIVERY_CREATED, 0), "the sum of their states", deliveries),
    )
    if census is not None:
        claims += (
            ("events waiting", counts.get("event:waiting", 0), "those found", census.waiting),
            ("deliveries in flight", counts.get(DELIVERY_IN_FLIGHT, 0), "those found", census.in_flight),
            ("events stored", counts.get(STORED_EVENTS, 0), "those found", census.stored_events),
            ("bytes stored", counts.get(STORED_BYTES, 0), "those found", census.stored_bytes),
        )
    unequal = [f"{left}: {a}, but {right}: {b}." for left, a, right, b in claims if a != b]
    below = [f"{place} is {number}." for place, number in sorted(counts.items()) if number < 0]
    return unequal + below
