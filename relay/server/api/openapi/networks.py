"""Named lists of networks, described."""

from typing import Final

from relay.server.api.openapi.operation import Operation, Part
from relay.server.api.openapi.schemas import many, record, ref, text, whole

PART: Final = Part(
    "networks",
    "The networks from which senders send. They are changed on the server only.",
    (Operation("GET", "/networks", "list_networks", "Lists all.", {200: "NamedLists"}),),
    {
        "NamedList": record(
            "The networks of a sender.",
            {
                "name": text("What `allow_ips` calls it.", pattern="^@"),
                "title": text("Whose they are."),
                "as_of": text("The day on which they are known to have been right.", format="date"),
                "count": whole("How many there are."),
            },
        ),
        "NamedLists": record("All named lists.", {"networks": many("By name.", ref("NamedList"))}),
    },
)
