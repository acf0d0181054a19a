"""`fleet status`: one screen that answers: is it up, is anything stuck, what failed?"""

import os
import sys
import time
from typing import Annotated, Final

import typer
from rich.console import Group
from rich.live import Live
from rich.text import Text

from cli import status_words as words
from cli.answers import say_json, say_json_line, screen
from cli.called import reworded
from cli.client import AwayError, ControlApi, Json, control_api
from cli.options import AsJson, Insecure, examples
from cli.surroundings import clock_ms
from cli.verdict import Verdict, verdicts
from cli.wrapping import wrapped
from config.settings import load

EPILOG: Final = examples("fleet status", "fleet status --watch", "fleet status --json")
_INDENT: Final = 27
"""Where the sentences of an answer begin."""


def status(
    *,
    watch: Annotated[
        bool,
        typer.Option("--watch", "-w", help="Keep showing it, until Ctrl-C. With --json: a line each time."),
    ] = False,
    interval: Annotated[
        int, typer.Option(min=1, max=3600, metavar="SECONDS", help="How often --watch looks.")
    ] = 2,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Say in one screen whether it is up, whether anything is stuck, and what failed; each with what to do.

    Below that: tunnels, events and deliveries of this gateway, and a chart of the last hour. A gateway of an
    operator sees queues and workers, too.
    """
    api = control_api(load(os.environ), insecure=insecure)
    if not watch:
        found = api.ask("GET", "status")
        say_json(found) if as_json else screen().print(_screen(found), soft_wrap=True)
    elif as_json:
        while True:
            say_json_line(api.ask("GET", "status"))
            time.sleep(interval)
    elif not sys.stdout.isatty():
        raise typer.BadParameter("--watch needs a terminal; --watch --json prints a line each time.")
    else:
        _watch(api, interval)


def _watch(api: ControlApi, interval: int) -> None:
    """The same screen again and again. When the relay is away, it says so above what was seen last."""
    found = api.ask("GET", "status")
    with Live(_screen(found), console=screen(), screen=True, auto_refresh=False) as live:
        while True:
            time.sleep(interval)
            try:
                found = api.ask("GET", "status")
                live.update(_screen(found), refresh=True)
            except AwayError as error:
                live.update(Group(_line(Verdict.away(str(error))), Text(), _screen(found)), refresh=True)


def _screen(found: Json) -> Group:
    now_ms = clock_ms()
    return Group(
        Text(words.title(found), style="bold"),
        Text(),
        *(_line(verdict) for verdict in verdicts(found, now_ms)),
        Text(),
        *words.blocks(found, now_ms),
    )


def _line(verdict: Verdict) -> Text:
    """A question with its answer, and what to do below it, indented also where the screen is narrow."""
    line = Text()
    line.append(f"{verdict.question:<21}")
    line.append(f"{verdict.answer:<6}", style="bold green" if verdict.is_good else "bold red")
    room = screen().width - _INDENT
    told = (part for sentence in verdict.sentences for part in wrapped(reworded(sentence), room))
    line.append(f"\n{'':<{_INDENT}}".join(told))
    return line
