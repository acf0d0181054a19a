"""Stories: what became of one event, as metadata."""

from dataclasses import dataclass

from domain.ids import subscription_of
from domain.senders.diagnosis import Finding, read_finding
from store import keys
from store.calls import Call, Reply, one, pairs, text
from store.scripts import load


@dataclass(frozen=True, slots=True)
class DeliveryStory:
    """What became of one delivery. Times are Unix ms, 0 for what has not happened."""

    id: str
    subscription: str
    state: str
    attempt: int
    note: str
    created_at: int
    sent_at: int
    settled_at: int


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


def latest(gateway: str, count: int) -> Call[list[str]]:
    """Ids of the events that were decided last, newest first."""
    return one(("LRANGE", keys.log(gateway), 0, count - 1), lambda reply: [text(event) for event in reply])


def set_aside(gateway: str, count: int) -> Call[list[str]]:
    """Ids of the events that are set aside, newest first, as far back as the event log is looked at."""
    command = load("list_set_aside").command(gateway, count)
    return one(command, lambda reply: [text(event) for event in reply])


def story(gateway: str, event: str) -> Call[Story | None]:
    """The story of a gateway's event; None when it has no such event (any more)."""

    def parse(reply: Reply) -> Story | None:
        if not reply:
            return None
        facts = pairs(reply[0])
        return Story(
            event=event,
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
            deliveries=tuple(_delivery(text(row[0]), pairs(row[1])) for row in reply[1:]),
        )

    return one(load("story").command(gateway, event), parse)


def sealed_request(event: str) -> Call[bytes | None]:
    """What a sender sent, sealed; None when it is gone. Whose event it is is the caller's concern."""
    return one(("GET", keys.body(event)), lambda reply: reply)


def _delivery(delivery: str, facts: dict[str, bytes]) -> DeliveryStory:
    return DeliveryStory(
        id=delivery,
        subscription=subscription_of(delivery),
        state=text(facts.get("state")),
        attempt=int(facts.get("attempt", 0)),
        note=text(facts.get("note")),
        created_at=int(facts.get("at", 0)),
        sent_at=int(facts.get("sent_at", 0)),
        settled_at=int(facts.get("settled_at", 0)),
    )
