"""Webhooks, described: made, listed, shown, changed, deleted."""

from typing import Final, get_args

from domain.webhook import VerifyAt
from relay.server.api.inputs import NewWebhook, WebhookChange
from relay.server.api.openapi.operation import Operation, Part
from relay.server.api.openapi.paging import AGED_PAGES, NEXT
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

_SECRET: Final = record(
    "A signing secret, without its value.",
    {
        "id": text("Its id."),
        "created_at": moment("When it was made or stored."),
        "expires_at": maybe(moment("When it ends; null for the current one.")),
        "last_matched": maybe(moment("When an event was last signed with it; null: never.")),
        "to_reveal": flag("Whether it came in a handshake and waits to be shown once."),
        "is_trial": flag("Whether it was made for a sample, and ends after 60 seconds."),
    },
)

_RATE: Final = record(
    "How much of its hour is spent.",
    {
        "used": whole("Events accepted in it."),
        "limit": whole("How many may be.", 1),
        "resets_at": maybe(moment("When the next hour begins; null: when the next event comes.")),
    },
)
_REFUSALS: Final = record(
    "What its door refused for one reason.",
    {"count": whole("How often.", 1), "last_at": moment("When it did last.")},
)

WEBHOOK: Final[dict[str, Schema]] = {
    "id": id_of("whk", "Its id."),
    "name": text("Its name, unique within the gateway."),
    "description": text("What its owner says of it."),
    "sender": text("Who calls: the key of a sender."),
    "url": maybe(text("Where the sender posts; as good as a password. Null: its sealing key is gone.")),
    "paused": flag("Whether its door refuses everything for now, and keeps nothing."),
    "require_signature": flag("Whether what is not signed is rejected."),
    "signature": text(
        "How its events are verified, in words that begin with `required` or `checked`, or not."
    ),
    "verify": word("Where signatures are checked.", get_args(VerifyAt)),
    "secrets": maybe(
        many("Its signing secrets, the current one first. Null: the key is gone.", ref("Secret"))
    ),
    "held": flag("Whether a secret that was made here waits to be pulled into its owner's vault."),
    "parameters": maybe(table("What else the sender was told. Null: the key is gone.", text("A value."))),
    "secret_parameters": maybe(many("Names of the parameters that are not shown.", text("A name."))),
    "hourly_limit": whole("Events accepted in an hour.", 1),
    "rate": _RATE,
    "refusals": table("What its door refused in the last day, by the reason.", _REFUSALS),
    "https_only": flag("Whether plain http is refused."),
    "allow_ips": many("Who may send; empty: everybody.", text("An address, a network, or `@` and a list.")),
    "created_at": moment("When it was made."),
    "events": whole("Events accepted since."),
    "last_triggered": maybe(moment("When the last of them came; null: none did.")),
}
"""What is shown of a webhook, everywhere."""

NEXT_STEP: Final = text("What its owner has to do now, in sentences.")
SHOWN_SECRET: Final = text("The value of its secret, this once; only when it was made here and is not held.")

_NEW: Final = input_of(
    NewWebhook,
    {
        "name": "What to call it: 1 to 64 of `a-z`, `0-9`, `.`, `_` and `-`, letters or digits at both ends.",
        "sender": "Who will call: the key of a sender; `custom` is a program of yours, `git` any Git host.",
        "description": "One line.",
        "require_signature": "Reject what is not signed.",
        "hourly_limit": "Events accepted in an hour; null: as the server has it.",
        "https_only": "Refuse what comes over plain http.",
        "allow_ips": "Who may send: addresses, networks, names of lists such as `@github`; none: everybody.",
        "verify": "Where signatures are checked: after the 202, before it, or by the private side alone, for"
        " which the gateway keeps no secret; null: as the sender needs it.",
        "parameters": "What else the sender has to be told, by name.",
        "hold_secret": "Keep the secret that is made here out of the answer, to be pulled once; only with"
        " `require_signature`.",
    },
)
_CHANGE: Final = input_of(
    WebhookChange,
    {
        "description": "One line, in place of the one before.",
        "paused": "Refuse everything for now with 503, and keep nothing; or let it go on.",
        "sender": "Who calls.",
        "require_signature": "Reject what is not signed.",
        "https_only": "Refuse what comes over plain http.",
        "allow_ips": "Who may send, in place of those before.",
        "hourly_limit": "Events accepted in an hour.",
        "verify": "Where signatures are checked.",
        "parameters": "Those that change; null or an empty text removes one.",
    },
)

PART: Final = Part(
    "webhooks",
    "Public addresses, each with its sender, secrets and limits.",
    (
        Operation(
            "GET",
            "/webhooks",
            "list_webhooks",
            "Lists them, oldest first.",
            {200: "Webhooks"},
            query=AGED_PAGES,
        ),
        Operation(
            "POST",
            "/webhooks",
            "create_webhook",
            "Makes one. The answer shows its secret once, if it was made here and is not held.",
            {201: "CreatedWebhook"},
            body="NewWebhook",
            refusals=("name_taken", "limit_reached", "git_receiver_exists"),
            has_location=True,
            is_once=True,
        ),
        Operation("GET", "/webhooks/{wanted}", "show_webhook", "Shows one.", {200: "Webhook"}),
        Operation(
            "PATCH",
            "/webhooks/{wanted}",
            "change_webhook",
            "Changes what is named; the rest stays.",
            {200: "Webhook"},
            body="WebhookChange",
            refusals=("has_secrets", "changed_meanwhile"),
        ),
        Operation(
            "DELETE",
            "/webhooks/{wanted}",
            "delete_webhook",
            "Deletes it: its URL is dead at once, what waits is rejected or cancelled.",
            {204: ""},
        ),
    ),
    {
        "Secret": _SECRET,
        "Webhook": record("A public address.", WEBHOOK),
        "Webhooks": record(
            "A page of webhooks.", {"webhooks": many("Oldest first.", ref("Webhook")), "next": NEXT}
        ),
        "NewWebhook": _NEW,
        "CreatedWebhook": record(
            "A new webhook.",
            {**WEBHOOK, "secret": SHOWN_SECRET, "next_step": NEXT_STEP},
            optional=("secret",),
        ),
        "WebhookChange": _CHANGE,
    },
)
