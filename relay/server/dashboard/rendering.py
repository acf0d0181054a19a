"""Rendering: templates with their filters. Everything that is put into a page is escaped."""

import shlex
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from relay.server.dashboard import static, times, told
from relay.server.dashboard.headers import guard


def _number(value: float) -> str:
    """A number with thin groups of digits."""
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _size(count: float) -> str:
    """Bytes in the unit that fits."""
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:  # noqa: PLR2004 - bytes in a KiB, KiB in a MiB
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"


def _words(name: str) -> str:
    """A name of ours as words: set_aside, set aside."""
    return name.replace("_", " ")


def _quoted(text: str) -> str:
    """A word of a command line that somebody may paste; an event type is a stranger's word."""
    return shlex.quote("".join(char for char in text if char.isprintable()))


def _took(attempt: dict[str, Any]) -> str:
    """How long an attempt took; a dash where nobody knows."""
    if not attempt["sent_at"] or not attempt["at"]:
        return "\N{EN DASH}"
    milliseconds = times.unix_ms(attempt["at"]) - times.unix_ms(attempt["sent_at"])
    return f"{milliseconds} ms" if milliseconds < 10_000 else times.about(milliseconds / 1000)  # noqa: PLR2004 - ten seconds


_environment: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
cast("dict[str, Any]", _environment.filters).update(
    {
        "number": _number,
        "size": _size,
        "words": _words,
        "took": _took,
        "quoted": _quoted,
        "relative": times.relative,
        "exact": times.exact,
        "unix_ms": times.unix_ms,
        "clock": told.clock,
        "commands": told.commands,
        "kind": told.kind,
        "path": told.path,
    }
)
cast("dict[str, Any]", _environment.globals).update({"static": static.address})


def page(template: str, status: int = HTTPStatus.OK, **facts: Any) -> HTMLResponse:  # noqa: ANN401 - what a template reads
    """A page, or a part of one.

    Args:
        template: name of its file.
        status: the HTTP status.
        facts: what the template reads; all of it.
    """
    response = HTMLResponse(_environment.get_template(template).render(**facts), status)
    guard(response)
    return response
