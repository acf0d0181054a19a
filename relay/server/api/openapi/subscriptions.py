"""Subscriptions, described."""

from typing import Final

from relay.server.api.inputs import NewSubscription
from relay.server.api.openapi.operation import Operation, Part
from relay.server.api.openapi.paging import AGED_PAGES, NEXT
from relay.server.api.openapi.schemas import id_of, input_of, many, moment, record, ref, text, whole

PART: Final = Part(
    "subscriptions",
    "Which events go where: webhooks and a filter, tied to a named target.",
    (
        Operation(
            "GET",
            "/subscriptions",
            "list_subscriptions",
            "Lists them, oldest first.",
            {200: "Subscriptions"},
            query=AGED_PAGES,
        ),
        Operation(
            "POST",
            "/subscriptions",
            "create_subscription",
            "Makes one: matching events wait from now on.",
            {201: "Subscription"},
            body="NewSubscription",
            refusals=("name_taken", "limit_reached"),
            has_location=True,
            is_once=True,
        ),
        Operation("GET", "/subscriptions/{wanted}", "show_subscription", "Shows one.", {200: "Subscription"}),
        Operation(
            "DELETE",
            "/subscriptions/{wanted}",
            "remove_subscription",
            "Removes it, and cancels what waits for it.",
            {204: ""},
        ),
    ),
    {
        "Subscription": record(
            "Webhooks and a filter, tied to a named target.",
            {
                "id": id_of("sub", "Its id."),
                "name": text("What `fleet connect NAME=URL` refers to."),
                "webhooks": many(
                    "Names of its webhooks; ids of those that were deleted.", text("A webhook.")
                ),
                "events": many("Globs over event types; none: every event.", text("A glob.")),
                "senders": many("Keys of senders; none: every sender.", text("A key.")),
                "expression": text("What an event has to fulfil besides, in CEL; empty: nothing."),
                "timeout_s": whole("Seconds that one attempt may take.", 1),
                "linger_s": whole(
                    "Seconds that it stays when no tunnel serves it; 0: until it is removed.", 0
                ),
                "created_at": moment("When it was made."),
            },
        ),
        "Subscriptions": record(
            "A page of subscriptions.",
            {"subscriptions": many("Oldest first.", ref("Subscription")), "next": NEXT},
        ),
        "NewSubscription": input_of(
            NewSubscription,
            {
                "name": "What `fleet connect NAME=URL` is to refer to.",
                "webhooks": "Names or ids.",
                "events": "Globs over event types, at most 20; one that matches suffices, none: every event.",
                "senders": "Keys of senders, at most 20, such as `github`; none: every sender.",
                "expression": "What an event has to fulfil besides, in CEL, at most 2000 characters.",
                "timeout_s": "Seconds that one attempt may take.",
                "linger_s": "Seconds that it stays when no tunnel serves it; 0: until it is removed.",
            },
        ),
    },
)
