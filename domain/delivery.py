"""A delivery: the duty to bring one event to one subscription. Its life is a table.

The scripts in `store` carry out these transitions; the table itself is built into them, so that it, the
diagram in the docs and what Redis does cannot drift apart.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LONGEST_ATTEMPT_S: Final = 12 * 3600
"""How long one attempt takes at most, in seconds, however often it says that it still works."""

ANSWER_GRACE_S: Final = 5
"""After the end of an attempt's time, its answer has so many seconds to arrive."""


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    QUEUED = "queued"
    SENT = "sent"
    RETRYING = "retrying"
    EXHAUSTED = "exhausted"
    DELIVERED = "delivered"
    REFUSED = "refused"
    DEAD = "dead"
    DISCARDED = "discarded"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Step(StrEnum):
    """What can happen to a delivery."""

    TAKE = "take"  # a tunnel takes it from the stream
    LAPSE = "lapse"  # its tunnel went away; it goes back to the stream
    DELIVER = "deliver"  # the subscriber answered 2xx
    REFUSE = "refuse"  # the subscriber wants it never again
    RETRY = "retry"  # the attempt failed; another will follow
    EXHAUST = "exhaust"  # the last attempt failed; its RQ job will say so
    RESEND = "resend"  # the retry is due
    DIE = "die"  # the RQ job marks it dead and fails
    REPLAY = "replay"  # an operator asks again
    DISCARD = "discard"  # an operator gives it up
    CANCEL = "cancel"  # its webhook or subscription was deleted
    EXPIRE = "expire"  # the retention of its event ended


class Outcome(StrEnum):
    """What a connector says of one attempt."""

    DELIVERED = "delivered"
    RETRY = "retry"
    REFUSED = "refused"


_S = DeliveryState

TRANSITIONS: Final[dict[tuple[DeliveryState, Step], DeliveryState]] = {
    (_S.QUEUED, Step.TAKE): _S.SENT,
    (_S.SENT, Step.LAPSE): _S.QUEUED,
    (_S.SENT, Step.DELIVER): _S.DELIVERED,
    (_S.SENT, Step.REFUSE): _S.REFUSED,
    (_S.SENT, Step.RETRY): _S.RETRYING,
    (_S.SENT, Step.EXHAUST): _S.EXHAUSTED,
    # A lapsed attempt may still be answered before the next one is taken.
    (_S.QUEUED, Step.DELIVER): _S.DELIVERED,
    (_S.QUEUED, Step.REFUSE): _S.REFUSED,
    (_S.RETRYING, Step.RESEND): _S.QUEUED,
    (_S.EXHAUSTED, Step.DIE): _S.DEAD,
    (_S.DEAD, Step.REPLAY): _S.QUEUED,
    (_S.DEAD, Step.DISCARD): _S.DISCARDED,
    **{(state, Step.CANCEL): _S.CANCELLED for state in (_S.QUEUED, _S.SENT, _S.RETRYING, _S.EXHAUSTED)},
    **{(state, Step.EXPIRE): _S.EXPIRED for state in (_S.QUEUED, _S.SENT, _S.RETRYING, _S.EXHAUSTED)},
}

IN_FLIGHT: Final = frozenset({_S.QUEUED, _S.SENT, _S.RETRYING, _S.EXHAUSTED})
"""The states in which somebody still owes work."""

FINAL: Final = frozenset({_S.DELIVERED, _S.REFUSED, _S.DISCARDED, _S.CANCELLED, _S.EXPIRED})
"""The states that nothing leaves."""


def origins(step: Step) -> tuple[DeliveryState, ...]:
    """The states in which a step is allowed."""
    return tuple(state for state, taken in TRANSITIONS if taken is step)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery that a tunnel has taken, with what its connector needs to know.

    Attributes:
        id: stable across attempts and replays.
        event: the event's id.
        subscription: the subscription's id.
        attempt: number of this attempt, counted from 1 and never used twice.
        generation: 1, and one more after each replay.
        tries: attempts made in this generation, this one included.
        timeout_s: how long the attempt may take, in seconds; one that says that it works: be silent.
    """

    id: str
    event: str
    subscription: str
    attempt: int
    generation: int
    tries: int
    timeout_s: int
