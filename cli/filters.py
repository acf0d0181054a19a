"""Filters of long lists on the command line, as the control API takes them."""

from collections.abc import Mapping
from typing import Annotated, Final

import typer

from cli.moments import moment

MOST: Final = 100_000
"""How many a listing shows at most."""

FEW: Final = 50
"""How many a listing shows unless it is said."""

Webhook = Annotated[
    str | None, typer.Option(metavar="NAME", help="Only those of this webhook, by name or id.")
]
Subscription = Annotated[
    str | None, typer.Option(metavar="NAME", help="Only those of this subscription, by name or id.")
]
EventType = Annotated[
    str | None,
    typer.Option("--type", metavar="TYPE", help="Only this event type; push* is all that begin so."),
]
Since = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Only from then on: 2h (ago), 2026-01-31 or a time in RFC 3339."),
]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Only before then; likewise.")]
Limit = Annotated[int, typer.Option(min=1, max=MOST, metavar="N", help="How many are shown at most.")]
Cursor = Annotated[
    str | None, typer.Option(metavar="CURSOR", help="Go on where the last page ended, which named this.")
]


def chosen(now_ms: int, **wishes: str | None) -> dict[str, str]:
    """What was wished for, by the names that the control API has for it.

    Args:
        now_ms: Unix time in milliseconds.
        wishes: values of the options above; None for what was not said.

    Raises:
        typer.BadParameter: a time is none.
    """
    given = {name: text for name, text in wishes.items() if text is not None}
    times = {name: moment(text, now_ms) for name, text in given.items() if name in {"since", "until"}}
    return given | times


def as_options(wishes: Mapping[str, str]) -> str:
    """A filter as it is typed; "" for none."""
    return "".join(f" --{name} {text}" for name, text in wishes.items())
