"""Events and what became of them, described."""

from typing import Final

from domain.delivery import DeliveryState
from domain.event import EventState
from domain.outcome import EventOutcome
from domain.passed_over import Because
from relay.server.api.openapi.operation import Operation, Part, Query
from relay.server.api.openapi.paging import LOOKED, PAGES
from relay.server.api.openapi.schemas import (
    Schema,
    flag,
    id_of,
    many,
    maybe,
    moment,
    record,
    ref,
    text,
    whole,
    word,
)

_ATTEMPT: Final = record(
    "One numbered try.",
    {
        "attempt": whole("Its number.", 1),
        "outcome": word("How it ended.", ("delivered", "retry", "refused", "exhausted", "lapsed")),
        "note": text("A few words, such as `500` or `timeout`; may be empty."),
        "sent_at": maybe(moment("When a tunnel took it.")),
        "at": moment("When it ended."),
    },
)
_PASSED_OVER: Final = record(
    "A subscription of the webhook whose filter did not match.",
    {
        "subscription": id_of("sub", "Its id."),
        "name": maybe(text("Its name; null: it was removed.")),
        "because": word("What the event did not pass. Only that part of the filter is told.", Because),
        "events": many("The globs, when none matched.", text("A glob.")),
        "senders": many("The senders, when it came from another one.", text("A key.")),
        "expression": text("The beginning of the expression, when it was false or failed; else empty."),
        "detail": text("Why the expression failed, without anything of the event; else empty."),
    },
)
DELIVERY: Final[dict[str, Schema]] = {
    "id": id_of("dlv", "Its id."),
    "subscription": id_of("sub", "The subscription."),
    "subscription_name": maybe(text("Its name; null: it was removed.")),
    "state": word("Where it stands; empty when its record has ended.", (*DeliveryState, "")),
    "attempts": whole("How many there were."),
    "generation": whole("1, and one more after each replay."),
    "note": text("A few words about the last attempt, such as `500`; may be empty."),
    "created_at": maybe(moment("When it was made.")),
    "sent_at": maybe(moment("When a tunnel took it last; null: none has.")),
    "settled_at": maybe(moment("When the last attempt was answered; null: none was.")),
    "next_attempt_at": maybe(moment("When it is tried again; null: it is not, or somebody has it now.")),
    "history": many("Its last 20 attempts, oldest first.", ref("Attempt")),
}
"""What is shown of a delivery, everywhere."""

_EVENT: Final[dict[str, Schema]] = {
    "id": id_of("evt", "Its id."),
    "webhook": id_of("whk", "Where it came in."),
    "webhook_name": maybe(text("Its name; null: it was deleted.")),
    "state": word("Where it stands.", EventState),
    "outcome": word("What became of it, its deliveries included.", EventOutcome),
    "type": text("The sender's label for it; empty before it is decided, and for what has none."),
    "is_test": flag("Whether its owner sent it to try the webhook."),
    "verified_by": maybe(text("The scheme that verified it; null: none did.")),
    "left_home": flag("Whether its signature was left to the private side, which has the secret."),
    "secret": maybe(text("The id of the secret that it was signed with.")),
    "rejected_because": maybe(text("Why it was rejected, in a word.")),
    "seems_to_be": maybe(
        text("A sender whose marks it bears although its webhook does not expect that one.")
    ),
    "note": maybe(text("What else its owner should know.")),
    "finding": maybe(ref("Finding")),
    "events_in_body": whole("How many events of the sender are in its one body."),
    "size_bytes": whole("Bytes of its body."),
    "received_at": moment("When the ingress received it."),
    "decided_at": maybe(moment("When it was decided; null: it waits.")),
    "body": word("Whether its sealed body is still here.", ("kept", "deleted")),
    "body_until": maybe(moment("When it is deleted at the latest; null: it was.")),
    "passed_over": many("Whose filters did not match.", ref("PassedOver")),
    "deliveries": many("What its subscriptions are owed.", ref("Delivery")),
}

SINCE: Final = text("Not before this moment, by RFC 3339.", format="date-time")
UNTIL: Final = text("Not after this moment, by RFC 3339.", format="date-time")
TYPE: Final = Query("type", text("Only of this event type; `push*`: of those that begin so."))
WEBHOOK: Final = Query("webhook", text("Only of this webhook, by name or id."))

PART: Final = Part(
    "events",
    "What became of requests, as metadata. Bodies are sealed, and are shown to nobody.",
    (
        Operation(
            "GET",
            "/events",
            "list_events",
            "Lists them, newest first.",
            {200: "Events"},
            query=(
                WEBHOOK,
                TYPE,
                Query("outcome", word("Only those of which this became.", EventOutcome)),
                Query("since", SINCE),
                Query("until", UNTIL),
                *PAGES,
            ),
        ),
        Operation("GET", "/events/{wanted}", "show_event", "Tells the story of one.", {200: "Event"}),
        Operation(
            "POST",
            "/events/{wanted}/retry",
            "retry_event",
            "Lets an event that was set aside wait again.",
            {200: "Event"},
            refusals=("not_set_aside",),
        ),
    ),
    {
        "Attempt": _ATTEMPT,
        "PassedOver": _PASSED_OVER,
        "Delivery": record("The duty to bring one event to one subscription.", DELIVERY),
        "Event": record("One accepted request, and what became of it.", _EVENT),
        "Events": record("A page of events.", {"events": many("Newest first.", ref("Event")), **LOOKED}),
    },
)
