"""Deliveries that died or wait for a retry, described: listed, counted, retried, discarded."""

from collections.abc import Mapping
from typing import Final, get_args

from relay.server.api.inputs import BulkChange, FailureFilter
from relay.server.api.openapi.events import DELIVERY, SINCE, TYPE, UNTIL, WEBHOOK
from relay.server.api.openapi.operation import Operation, Part, Query
from relay.server.api.openapi.paging import LOOKED, NEXT, PAGES
from relay.server.api.openapi.schemas import (
    Schema,
    flag,
    id_of,
    input_of,
    many,
    maybe,
    moment,
    record,
    ref,
    table,
    text,
    whole,
    word,
)
from store.failures import Failing

_FAILURE: Final[dict[str, Schema]] = {
    **DELIVERY,
    "event": id_of("evt", "The event."),
    "type": text("Its event type; may be empty."),
    "webhook": id_of("whk", "Where it came in."),
    "webhook_name": maybe(text("The name of the webhook; null: it was deleted.")),
    "received_at": moment("When the event was received."),
    "failed_at": maybe(moment("Since when it is dead or waits for a retry; null: it does neither.")),
    "body_until": maybe(moment("When the body is deleted at the latest; null: it was.")),
}
_SKIPPED: Final = record(
    "A delivery with which nothing was done.",
    {
        "id": text("Its id."),
        "because": word("Why.", ("not_dead", "body_gone", "unknown")),
    },
)
_MEANT: Final = (
    Query("state", word("Which of the two; `dead` when it is left out.", get_args(Failing))),
    WEBHOOK,
    Query("subscription", text("Only of this subscription, by name or id.")),
    TYPE,
    Query("since", SINCE),
    Query("until", UNTIL),
)
_CHANGE: Final[Mapping[str, str]] = {
    "retry": "Sends dead deliveries again, with as many attempts as at first",
    "discard": "Gives dead deliveries up for good",
}


def _one(word: str, summary: str) -> Operation:
    return Operation(
        "POST",
        f"/deliveries/{{wanted}}/{word}",
        f"{word}_delivery",
        summary,
        {200: "Failure"},
        refusals=("not_dead", "body_gone"),
    )


def _several(word: str, summary: str) -> Operation:
    path = f"/deliveries/{word}"
    return Operation("POST", path, f"{word}_deliveries", summary, {200: "BulkChanged"}, body="BulkChange")


PART: Final = Part(
    "deliveries",
    "What failed, why, and what is to be done about it.",
    (
        Operation(
            "GET",
            "/deliveries",
            "list_deliveries",
            "Lists those that are dead or wait for a retry, who failed last first.",
            {200: "Failures"},
            query=(*_MEANT, *PAGES),
        ),
        Operation(
            "GET",
            "/deliveries/count",
            "count_deliveries",
            "Counts them.",
            {200: "FailureCount"},
            query=(*_MEANT, *PAGES),
        ),
        *(_several(word, f"{said}: those that are named, or of a filter.") for word, said in _CHANGE.items()),
        Operation("GET", "/deliveries/{wanted}", "show_delivery", "Shows one.", {200: "Failure"}),
        _one("retry", "Sends a dead one again, with as many attempts as at first."),
        _one("discard", "Gives a dead one up for good."),
    ),
    {
        "Failure": record("A delivery, with facts of its event.", _FAILURE),
        "Failures": record(
            "A page of deliveries.", {"deliveries": many("Who failed last first.", ref("Failure")), **LOOKED}
        ),
        "FailureCount": record(
            "How many there are.",
            {
                "count": whole("How many were found."),
                "is_complete": flag("Whether that is all; else there are more than one request looks at."),
                "by_note": table("The most frequent last words, at most 20.", whole("How many say so.")),
            },
        ),
        "FailureFilter": input_of(
            FailureFilter,
            {
                "webhook": "By name or id.",
                "subscription": "By name or id.",
                "type": "Of the event; `push*`: one that begins so.",
                "since": "Failed then or later, by RFC 3339.",
                "until": "Failed then at the latest.",
            },
        ),
        "BulkChange": input_of(
            BulkChange,
            {
                "deliveries": "Ids.",
                "filter": "In the place of ids: those that it leaves; `{}`: all that are dead.",
                "limit": "With a filter: how many at most.",
                "cursor": "With a filter: `next` of the answer before.",
                "until": "With a filter: `until` of the answer before, so that nothing is taken twice.",
            },
        ),
        "BulkChanged": record(
            "What was done.",
            {
                "done": whole("With how many."),
                "skipped": many("With which it was not.", _SKIPPED),
                "next": NEXT,
                "until": moment("What to send with each next request."),
            },
        ),
    },
)
