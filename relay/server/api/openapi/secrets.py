"""The signing secrets of webhooks, described."""

from typing import Final

from relay.server.api.inputs import NewSecret, Rotation
from relay.server.api.openapi.operation import Operation, Part
from relay.server.api.openapi.schemas import id_of, input_of, record, text
from relay.server.api.openapi.webhooks import NEXT_STEP, SHOWN_SECRET, WEBHOOK

_EXACT: Final = "Take it as it is, although it looks as if something went wrong when it was copied."

PART: Final = Part(
    "secrets",
    "What senders sign with. No answer holds a value, but for those that are shown once.",
    (
        Operation(
            "PUT",
            "/webhooks/{wanted}/secret",
            "set_secret",
            "Sets the secret of a webhook, in place of all before.",
            {200: "Webhook"},
            body="NewSecret",
            refusals=("verified_at_home", "changed_meanwhile"),
        ),
        Operation(
            "POST",
            "/webhooks/{wanted}/secrets",
            "rotate_secret",
            "Gives a webhook a new secret; those before count for a grace time, too.",
            {201: "RotatedWebhook"},
            body="Rotation",
            refusals=("verified_at_home", "too_many_secrets", "changed_meanwhile"),
            is_once=True,
        ),
        Operation(
            "DELETE",
            "/webhooks/{wanted}/secrets",
            "remove_secrets",
            "Removes all secrets of a webhook.",
            {200: "Webhook"},
            refusals=("invalid_input", "changed_meanwhile"),
        ),
        Operation(
            "DELETE",
            "/webhooks/{wanted}/secrets/{secret}",
            "remove_secret",
            "Removes one: it verifies nothing more, not even what waits.",
            {200: "Webhook"},
            refusals=("invalid_input", "only_secret", "changed_meanwhile"),
        ),
        Operation(
            "POST",
            "/webhooks/{wanted}/reveal",
            "reveal_secret",
            "Shows the secret that came in the sender's handshake, once.",
            {200: "RevealedWebhook"},
            refusals=("invalid_input", "nothing_to_reveal", "changed_meanwhile"),
        ),
        Operation(
            "POST",
            "/webhooks/{wanted}/pull",
            "pull_secret",
            "Gives away the secret that was made to be held, once.",
            {200: "PulledSecret"},
            refusals=("invalid_input", "nothing_held", "changed_meanwhile"),
            has_key=True,
        ),
    ),
    {
        "NewSecret": input_of(
            NewSecret, {"secret": "1 to 4096 bytes in UTF-8, kept byte for byte.", "exact": _EXACT}
        ),
        "Rotation": input_of(
            Rotation,
            {
                "secret": "Likewise; null: it is made here.",
                "grace_s": "For how many seconds those before count, too.",
                "exact": _EXACT,
                "hold": "Keep the secret that is made here out of the answer, to be pulled once.",
            },
        ),
        "RotatedWebhook": record(
            "A webhook with a new secret.",
            {**WEBHOOK, "secret": SHOWN_SECRET, "next_step": NEXT_STEP},
            optional=("secret",),
        ),
        "PulledSecret": record(
            "A secret that was held.",
            {
                "webhook": text("The name of the webhook."),
                "secret": text("The value of its current secret."),
                "id": id_of("sec", "The id of this secret."),
            },
        ),
        "RevealedWebhook": record("A webhook and its secret.", {**WEBHOOK, "secret": SHOWN_SECRET}),
    },
)
