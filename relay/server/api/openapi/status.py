"""How a gateway stands, described: its tunnels, counters, backlogs and charts; and its audit."""

from typing import Final

from domain.canary import Failure
from domain.delivery import FINAL, DeliveryState
from domain.event import EventState
from relay.server.api.openapi.operation import Operation, Part
from relay.server.api.openapi.schemas import (
    Schema,
    flag,
    id_of,
    many,
    maybe,
    moment,
    number,
    record,
    ref,
    table,
    text,
    whole,
    word,
)

_CONNECTOR: Final[dict[str, Schema]] = {
    "id": id_of("tun", "The tunnel id: the same over reconnections of a connector."),
    "name": text("What the connector calls itself, its host as a rule."),
    "address": text("Where the connection comes from."),
    "version": text("The release of the connector."),
    "connected_at": moment("Since when there is this connection."),
}
_TUNNEL: Final = record(
    "A tunnel that has a connection.",
    {
        **_CONNECTOR,
        "seen_at": moment("The last heartbeat at which it had been heard."),
        "round_trip_ms": maybe(number("How long a heartbeat and its echo take; null: not measured yet.")),
        "subscriptions": many("Names of those that it serves.", text("A subscription.")),
    },
)
_LAST: Final = record(
    "The tunnel that left last, and is not back.",
    {
        **_CONNECTOR,
        "left_at": moment("When it said goodbye, its connection was lost, or it was last heard."),
    },
)
_EVENTS: Final = record(
    "Events, by where they stand.",
    {
        "accepted": whole("All that were accepted."),
        **{state.value: whole(f"Those that are `{state}`.") for state in EventState},
        "oldest_waiting_at": maybe(moment("When the first came that still waits; null: none does.")),
    },
)
_DELIVERIES: Final = record(
    "Deliveries, by where they stand.",
    {
        "created": whole("All that were made."),
        **{
            state.value: whole(f"Those that are `{state}`.") for state in (DeliveryState.DEAD, *sorted(FINAL))
        },
        "in_flight": whole("Those that somebody still owes work on."),
        "retrying": whole("Of these, those that wait for their next attempt."),
        "next_retry_at": maybe(
            moment("When the first of them is due, in the past when it is late; null: none waits.")
        ),
    },
)
_BACKLOG: Final = record(
    "What waits for a subscription.",
    {
        "id": id_of("sub", "Its id."),
        "name": text("Its name."),
        "waiting": whole("Deliveries that no tunnel has taken."),
        "in_tunnel": whole("Deliveries that tunnels hold."),
        "oldest_at": maybe(moment("Since when the first of those that wait does; null: none waits.")),
    },
)
_CANARY: Final = record(
    "What the canary of the server reported last.",
    {
        "well": flag("Whether it came back, not longer ago than it should have."),
        "at": moment("When its last walk ended."),
        "interval_s": number("Seconds between the beginnings of two walks."),
        "failure": maybe(word("Why it did not come back; null: it did.", Failure)),
        "status": maybe(whole("What the public URL answered instead of 202.")),
        "good_at": maybe(moment("When it came back last; null: it never did.")),
        "latency_ms": maybe(number("How long it was on its way then, in milliseconds.")),
    },
)
_BAR: Final = record(
    "What happened in some time.",
    {
        "at": moment("When it began."),
        "accepted": whole("Events that were accepted."),
        "delivered": whole("Deliveries that arrived."),
        "failed": whole("Deliveries that died."),
    },
)


def _chart(meaning: str, bars: int) -> Schema:
    return {**many(meaning, ref("Bar")), "minItems": bars, "maxItems": bars}


PART: Final = Part(
    "status",
    "Is it up, and is anything stuck?",
    (
        Operation("GET", "/status", "show_status", "Tells how the gateway stands.", {200: "Status"}),
        Operation("GET", "/audit", "show_audit", "Tells whether its counters add up.", {200: "Audit"}),
    ),
    {
        "Bar": _BAR,
        "Status": record(
            "How a gateway stands.",
            {
                "gateway": record(
                    "Whose status this is.",
                    {
                        "id": id_of("gw", "The Gateway ID."),
                        "name": text("What the operator calls it."),
                        "is_operator": flag("Whether it may see and suspend what all gateways share."),
                    },
                ),
                "now": moment("The time of the gateway."),
                "tunnels": many("Those that have a connection, the oldest connection first.", _TUNNEL),
                "last_tunnel": maybe(_LAST),
                "events": _EVENTS,
                "deliveries": _DELIVERIES,
                "subscriptions": many("What waits for each.", _BACKLOG),
                "chart": record(
                    "What happened lately, oldest first; the last bar is not over.",
                    {
                        "hour": _chart("The last 60 minutes.", 60),
                        "day": _chart("The last 96 quarters of an hour.", 96),
                    },
                ),
                "paused_webhooks": many(
                    "Names of the webhooks that answer 503 until they are resumed.", text("A webhook.")
                ),
                "suspended": flag("Whether workers rest."),
                "balanced": flag("Whether its counters add up."),
                "canary": maybe(_CANARY),
                "server": maybe(ref("Server")),
            },
        ),
        "Audit": record(
            "Whether the counters of a gateway add up.",
            {
                "balanced": flag("Whether they do."),
                "differences": many("What does not.", text("A sentence.")),
                "counts": table("The counters.", {"type": "integer", "description": "A counter."}),
            },
        ),
    },
)
