"""Examinations, described: why a signature fails."""

from typing import Final

from domain.senders.diagnosis import Cause
from relay.server.api.openapi.operation import Operation, Part
from relay.server.api.openapi.schemas import Schema, id_of, moment, record, ref, table, text, word

_FACT: Final[Schema] = {
    "type": ["string", "number", "boolean", "null", "array"],
    "description": "A number, a word, or several of them.",
}

PART: Final = Part(
    "examinations",
    "Why a signature is wrong, or that it is right.",
    (
        Operation(
            "POST",
            "/webhooks/{wanted}/examination",
            "examine_webhook",
            "For 10 minutes, events that are rejected there for their signature bear a finding.",
            {200: "Examination"},
            refusals=("invalid_input", "verified_at_home", "changed_meanwhile"),
        ),
        Operation(
            "POST",
            "/events/{wanted}/examination",
            "examine_event",
            "Examines an event whose body is still here.",
            {200: "ExaminedEvent"},
            refusals=("invalid_input", "verified_at_home", "body_gone"),
        ),
    ),
    {
        "Finding": record(
            "What an examination found. Nothing of secrets or bodies is in it.",
            {
                "cause": word("For programs; it stays.", Cause),
                "sentence": text("For people."),
                "facts": table("What is particular to the cause.", _FACT),
            },
        ),
        "Examination": record(
            "An examination that has begun.",
            {
                "webhook": id_of("whk", "The webhook."),
                "name": text("Its name."),
                "until": moment("When it ends."),
                "now": moment("The time of the gateway."),
            },
        ),
        "ExaminedEvent": record(
            "An event that was examined.",
            {
                "event": id_of("evt", "The event."),
                "finding": ref("Finding"),
                "now": moment("The time of the gateway."),
            },
        ),
    },
)
