"""Proofs that the public URL leads to this gateway, described."""

from typing import Final

from relay.server.api.openapi.operation import Operation, Part
from relay.server.api.openapi.schemas import record, text

PART: Final = Part(
    "proofs",
    "Does the public URL lead here?",
    (
        Operation(
            "POST", "/proofs", "create_proof", "Asks for a question to the public door.", {201: "Proof"}
        ),
    ),
    {
        "Proof": record(
            "A question to the public door, and what it answers if it is ours.",
            {
                "url": text("What to ask with GET."),
                "proof": text("What the answer has to be."),
            },
        )
    },
)
