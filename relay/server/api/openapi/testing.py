"""Tests of webhooks, described: real events that the relay sends to the public door."""

from typing import Final

from relay.server.api.inputs import NewTest
from relay.server.api.openapi.operation import Operation, Part
from relay.server.api.openapi.schemas import Schema, flag, id_of, input_of, maybe, moment, record, text, whole

_ANSWER: Final[Schema] = {
    "type": "object",
    "additionalProperties": True,
    "description": "What the door said, as JSON; `{}`: something else.",
}

PART: Final = Part(
    "tests",
    "Is everything right from the public door on?",
    (
        Operation(
            "POST",
            "/webhooks/{wanted}/test",
            "test_webhook",
            "Sends a real event, signed as its sender would, to the public door at once.",
            {201: "Test"},
            body="NewTest",
            refusals=("too_many_secrets", "changed_meanwhile", "ingress_unreachable"),
        ),
    ),
    {
        "NewTest": input_of(
            NewTest,
            {"event": "What has happened at the sender; null: the first sample that a subscription wants."},
        ),
        "Test": record(
            "An event that was sent. `GET /events/{wanted}` tells what becomes of it.",
            {
                "event": maybe(id_of("evt", "The event; null: nothing was kept.")),
                "status": whole("What the door answered.", 100, maximum=599),
                "answer": _ANSWER,
                "type": text("The sender's label for it."),
                "signed_by": maybe(text("The scheme; null: it is not signed.")),
                "trial_key": flag(
                    "Whether it is signed with a key that the webhook knows for a minute only."
                ),
                "sent_at": moment("When it was sent."),
                "url": text("Where a sender would have sent it."),
            },
        ),
    },
)
