"""Arguments that several tools have in common."""

import json
from typing import Annotated, Final

from pydantic import AliasChoices, BeforeValidator, Field

from domain.errors import InvalidInputError
from domain.moment import moment_of
from domain.subscription import MAX_FILTER_CHARS, MAX_FILTERS

MAX_CHARS: Final = 200
MAX_ENTRIES: Final = 100
_MAX_JSON_CHARS: Final = 20_000


def _listed(value: object) -> object:
    """A list; some clients write it as a text, and models forget the brackets of a single entry."""
    if not isinstance(value, str):
        return value
    if value.startswith("[") and len(value) <= _MAX_JSON_CHARS:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return [value]
    return [value] if value else []


Text = Annotated[str, Field(max_length=MAX_CHARS)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed), Field(max_length=MAX_ENTRIES)]

Globs = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=MAX_FILTER_CHARS)], ...],
    BeforeValidator(_listed),
    Field(
        max_length=MAX_FILTERS,
        description="Event types as the sender names them, with * for anything: pull_request, invoice.*."
        " One that matches suffices; none: every event.",
    ),
]
Name = Annotated[str, Field(min_length=1, max_length=MAX_CHARS, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""A name or an id; never a path, which could lead to another resource of the control API."""

WebhookName = Annotated[
    Name,
    # create_webhook calls it so. Filters over events call it 'webhook', which models then write here, too.
    Field(description="Name or id of the webhook.", validation_alias=AliasChoices("name", "webhook")),
]
OfWebhook = Annotated[Text, Field(description="Only events of this webhook, by name or id; empty: of all.")]
Type = Annotated[
    Text, Field(description="Only this event type; or what it begins with and * at the end. Empty: any.")
]
Since = Annotated[
    Text,
    Field(description="Received then or later: 2h for two hours ago, or 2026-01-31T12:00:00Z. Empty: any."),
]
Until = Annotated[
    Text, Field(description="Received before: 2h for two hours ago, or 2026-01-31T12:00:00Z. Empty: any.")
]


def moment(field: str, text: str, now_ms: int) -> str:
    """A moment of a filter in RFC 3339; "" for none.

    Args:
        field: what the argument is called.
        text: as it was written.
        now_ms: Unix time in milliseconds.

    Raises:
        InvalidInputError: it is no moment.
    """
    found = moment_of(text, now_ms) if text else ""
    if found is None:
        raise InvalidInputError(
            field,
            f"'{field}' is no time; write 2h for two hours ago, 2026-01-31 or 2026-01-31T12:00:00Z.",
        )
    return found
