"""The gateway itself, described."""

from typing import Final

from relay.server.api.openapi.operation import Operation, Part
from relay.server.api.openapi.schemas import Schema, id_of, many, moment, number, record, text, whole

_COUNTED: Final[dict[str, Schema]] = {
    "webhooks": whole("Webhooks."),
    "subscriptions": whole("Subscriptions."),
    "repos": whole("Git repos."),
    "stored_events": whole("Events whose sealed request is kept."),
    "stored_mib": number("MiB of their sealed requests."),
    "deliveries": whole("Deliveries in flight."),
    "queue_share": number("Share of the server's queue that its waiting events take, 0 to 1."),
}

GATEWAY: Final[dict[str, Schema]] = {
    "id": id_of("gw", "The Gateway ID."),
    "name": text("What the operator calls it."),
    "created_at": moment("When it was made."),
    "limits": record("What it may have.", _COUNTED),
    "use": record("What it has.", _COUNTED),
    "tunnels": many("Ids of the tunnels that are connected.", id_of("tun", "A tunnel.")),
}

PART: Final = Part(
    "gateway",
    "Who am I?",
    (Operation("GET", "/gateway", "show_gateway", "Shows the gateway of the token.", {200: "Gateway"}),),
    {"Gateway": record("An account: all that a token opens.", GATEWAY)},
)
