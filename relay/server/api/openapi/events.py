"""Events and what became of them, described."""

from typing import Final

from domain.delivery import DeliveryState
from domain.event import EventState
from relay.server.api.openapi.operation import Operation, Part, Query
from relay.server.api.openapi.schemas import (
    Schema,
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

DELIVERY: Final[dict[str, Schema]] = {
    "id": id_of("dlv", "Its id."),
    "subscription": id_of("sub", "The subscription."),
    "state": word("Where it stands.", DeliveryState),
    "attempts": whole("How many there were."),
    "note": text("A few words about the last attempt, such as `500`; may be empty."),
    "created_at": maybe(moment("When it was made.")),
    "sent_at": maybe(moment("When a tunnel took it last; null: none has.")),
    "settled_at": maybe(moment("When the last attempt was answered; null: none was.")),
}
"""What is shown of a delivery, everywhere."""

EVENT: Final[dict[str, Schema]] = {
    "id": id_of("evt", "Its id."),
    "webhook": id_of("whk", "Where it came in."),
    "state": word("Where it stands.", EventState),
    "type": text("The sender's label for it; empty before it is decided, and for what has none."),
    "verified_by": maybe(text("The scheme that verified it; null: none did.")),
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
    "deliveries": many("What its subscriptions are owed.", ref("Delivery")),
}

PART: Final = Part(
    "events",
    "What became of requests, as metadata. Bodies are sealed, and are shown to nobody.",
    (
        Operation(
            "GET",
            "/events",
            "list_events",
            "Lists the latest that were decided, newest first.",
            {200: "Events"},
            query=(Query("state", word("Only those of this state.", (EventState.SET_ASIDE,))),),
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
        "Delivery": record("The duty to bring one event to one subscription.", DELIVERY),
        "Event": record("One accepted request, and what became of it.", EVENT),
        "Events": record("Events.", {"events": many("Newest first.", ref("Event"))}),
    },
)
