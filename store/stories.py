"""Stories: what became of one event, as metadata."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.delivery import DeliveryState
from domain.ids import event_of, subscription_of
from domain.passed_over import PassedOver
from domain.senders.diagnosis import Finding, read_finding
from store import keys
from store.calls import Call, Reply, one, pairs, text
from store.decisions import read_passed_over
from store.scripts import load

_TRY: Final = "try:"
_ANSWERED: Final = frozenset({DeliveryState.DELIVERED, DeliveryState.REFUSED})


@dataclass(frozen=True, slots=True)
class AttemptStory:
    """One attempt that has ended. Times are Unix ms, 0 for what is not known.

    Attributes:
        attempt: its number.
        outcome: delivered, refused, retry (another one follows), exhausted (none does), or lapsed (its
            connector went away).
        note: what the subscriber answered, in a few words.
        sent_at: when it was handed to a connector.
        at: when it ended.
    """

    attempt: int
    outcome: str
    note: str
    sent_at: int
    at: int


@dataclass(frozen=True, slots=True)
class DeliveryStory:
    """What became of one delivery. Times are Unix ms, 0 for what has not happened.

    Attributes:
        id: its id.
        event: id of its event.
        subscription: id of its subscription.
        state: where it stands.
        attempt: how many attempts were begun.
        generation: 1, and one more after each replay.
        note: the last answer.
        created_at: when the event was fanned out.
        sent_at: when it was last handed to a connector.
        settled_at: when it was last answered.
        due_at: when it is tried again.
        history: the attempts that have ended, oldest first, of many only the latest.
    """

    id: str
    event: str
    subscription: str
    state: str
    attempt: int
    generation: int
    note: str
    created_at: int
    sent_at: int
    settled_at: int
    due_at: int
    history: tuple[AttemptStory, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """What became of one event. Times are Unix ms, 0 for what has not happened.

    Attributes:
        event: its id.
        webhook: id of the webhook.
        state: where it stands in the ledger.
        event_type: its sender's label.
        scheme: what vouched for it; "" when nothing did.
        secret: id of the secret that it was signed with.
        reason: why it was rejected.
        seems: key of another sender that seems to have called.
        note: what else its owner should know; "" as a rule.
        finding: what an examination of its signature found; None when there was none.
        items: how many events of the sender its body brought.
        size: bytes of its body.
        received_at: when it came.
        decided_at: when it was decided about.
        deliveries: what became of each delivery.
        passed_over: who listened and did not want it.
        is_test: whether its owner sent it as a test.
        left_home: whether its signature was left to the private side.
        has_body: whether its sealed request is still here.
    """

    event: str
    webhook: str
    state: str
    event_type: str
    scheme: str
    secret: str
    reason: str
    seems: str
    note: str
    finding: Finding | None
    items: int
    size: int
    received_at: int
    decided_at: int
    deliveries: tuple[DeliveryStory, ...]
    passed_over: tuple[PassedOver, ...]
    is_test: bool
    left_home: bool
    has_body: bool


def story(gateway: str, event: str) -> Call[Story | None]:
    """The story of a gateway's event; None when it has no such event (any more)."""
    return stories(gateway, [event]).then(lambda found: next(iter(found), None))


def stories(gateway: str, events: Sequence[str]) -> Call[list[Story]]:
    """The stories of those of the events that the gateway has (still), in their order."""

    def parse(row: Reply) -> Story:
        event, flat, *told = row
        facts = pairs(flat)
        return Story(
            event=text(event),
            webhook=text(facts["webhook"]),
            state=text(facts["state"]),
            event_type=text(facts.get("type")),
            scheme=text(facts.get("scheme")),
            secret=text(facts.get("secret")),
            reason=text(facts.get("reason")),
            seems=text(facts.get("seems")),
            note=text(facts.get("note")),
            finding=read_finding(text(facts.get("finding"))),
            items=int(facts.get("items", 1)),
            size=int(facts["size"]),
            received_at=int(facts["at"]),
            decided_at=int(facts.get("decided_at", 0)),
            deliveries=tuple(read_delivery(text(row[0]), pairs(row[1])) for row in told),
            passed_over=read_passed_over(text(facts.get("passed_over"))),
            is_test=facts.get("test") == b"1",
            left_home=facts.get("left_home") == b"1",
            has_body="kept" in facts,
        )

    command = load("story").command(gateway, *events)
    return one(command, lambda reply: [parse(row) for row in reply])


def sealed_request(event: str) -> Call[bytes | None]:
    """What a sender sent, sealed; None when it is gone. Whose event it is is the caller's concern."""
    return one(("GET", keys.body(event)), lambda reply: reply)


def read_delivery(delivery: str, facts: dict[str, bytes]) -> DeliveryStory:
    """The story of a delivery, from the fields of its hash and, as `due`, when it is tried again."""
    state, attempt, note = text(facts.get("state")), int(facts.get("attempt", 0)), text(facts.get("note"))
    sent_at, settled_at = int(facts.get("sent_at", 0)), int(facts.get("settled_at", 0))
    history = [_attempt(name, text(value)) for name, value in facts.items() if name.startswith(_TRY)]
    if state in _ANSWERED:
        # What ended it is told by the delivery itself.
        history.append(AttemptStory(attempt, state, note, sent_at, settled_at))
    return DeliveryStory(
        id=delivery,
        event=event_of(delivery),
        subscription=subscription_of(delivery),
        state=state,
        attempt=attempt,
        generation=int(facts.get("generation", 1)),
        note=note,
        created_at=int(facts.get("at", 0)),
        sent_at=sent_at,
        settled_at=settled_at,
        due_at=int(float(facts.get("due", 0))) if state == DeliveryState.RETRYING else 0,
        history=tuple(sorted(history, key=lambda each: (each.attempt, each.at))),
    )


def _attempt(name: str, value: str) -> AttemptStory:
    outcome, sent_at, at, note = value.split(" ", 3)
    return AttemptStory(int(name.removeprefix(_TRY)), outcome, note, int(sent_at or 0), int(at))
