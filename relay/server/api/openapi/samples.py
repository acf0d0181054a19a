"""Samples, described: requests as a sender would sign them."""

from typing import Final

from domain.event import Rejection
from relay.server.api.inputs import NewSample
from relay.server.api.openapi.operation import Operation, Part
from relay.server.api.openapi.schemas import Schema, input_of, many, maybe, record, text, word

_HEADER: Final[Schema] = {
    "type": "array",
    "items": {"type": "string"},
    "minItems": 2,
    "maxItems": 2,
    "description": "Its name and its value.",
}

PART: Final = Part(
    "samples",
    "Requests made up as the sender of a webhook would send them, for its owner to send.",
    (
        Operation(
            "POST",
            "/webhooks/{wanted}/samples",
            "create_sample",
            "Makes a request up, ready to be sent byte for byte.",
            {201: "Sample"},
            body="NewSample",
            refusals=("verified_at_home", "too_many_secrets", "changed_meanwhile"),
        ),
    ),
    {
        "NewSample": input_of(
            NewSample,
            {
                "event": "What has happened at the sender, such as `push`.",
                "sender": "Who it has to be a webhook of; null: whoever it is of.",
                "bad_signature": "Sign with a secret that nobody has stored.",
                "replay": "Sign at a time that is too long ago.",
                "trial_key": "Let the webhook know one more secret for 60 seconds, and sign with that.",
            },
        ),
        "Sample": record(
            "A request, and what is to be expected of it.",
            {
                "method": text("The method of HTTP."),
                "url": text("Where it goes."),
                "headers": many("In this order.", _HEADER),
                "body": text("In base64.", contentEncoding="base64"),
                "event": text("The sender's label for it."),
                "event_id": maybe(text("The sender's id of it, if such events have one.")),
                "signed_by": maybe(text("The scheme; null: it is not signed.")),
                "expect": word("What becomes of it.", ("accepted", "rejected")),
                "because": maybe(word("Why it is rejected.", Rejection)),
                "again": word("What becomes of it when it is sent twice.", ("accepted", "duplicate")),
                "decided_by": word("Who rejects it.", ("ingress", "workers")),
            },
        ),
    },
)
