"""Renders `docs/commands.md`, `docs/senders.md`, and parts of other pages, as the code is.

`python -m cli.reference --write` writes them; `--check` exits 1 and says so when one of them has drifted.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from cli import exits, sender_page
from cli.main import app
from cli.metrics.page import metrics_table, refusals_table
from config.rendered import RenderedFiles
from domain.delivery import FINAL, TRANSITIONS, DeliveryState
from domain.retry import DEFAULT_SCHEDULE_S, JITTER

_COMMAND: Final = "python -m cli.reference"

_COMMANDS_HEAD: Final = f"""# Commands

Rendered from the command line itself by `{_COMMAND} --write`; do not edit by hand.

`fleet` stands for `./fleet` in the folder of this project. At its first run it installs the packages that it
needs into `.venv` there. `fleet COMMAND --help` says the same as this page.

Hints in what the commands say name the program as you have called it, so that they can be pasted. Answers go
to standard output, everything else to standard error. `--json` prints answers for programs. What the commands
read from the environment is in [settings](settings.md).

Three more commands are for those who change the code: `./fleet test` runs the tests, `./fleet check` the
linters, the type checker and the checks of the documents, `./fleet bench` the measurements.

## Exit codes

{exits.table()}
"""
_EXAMPLE: Final = "[dim]$[/dim] "

_UNITS: Final = ((3600, "h"), (60, "min"))


def commands_page() -> str:
    """The content of `docs/commands.md`."""
    return "\n".join([_COMMANDS_HEAD, *_sections(typer.Context(get_command(app), info_name="fleet"))])


def _sections(context: typer.Context) -> Iterator[str]:
    """A section for each command, in the order of the help; a group is a heading over its commands."""
    match context.command:
        case TyperCommand() as command:
            yield _section(command, context)
        case TyperGroup() as group:
            if context.parent is not None:
                yield f"## {context.command_path}\n\n{group.help}\n"
                if group.invoke_without_command:
                    yield _usage(group, context)
            for name in group.list_commands(context):
                inside = group.get_command(context, name)
                if inside is not None and not inside.hidden:
                    yield from _sections(typer.Context(inside, info_name=name, parent=context))
        case _:
            raise TypeError(f"{context.command_path} is no command of Typer.")


def _section(command: TyperCommand, context: typer.Context) -> str:
    path = context.command_path
    heading = "#" * path.count(" ")
    return f"#{heading} {path}\n\n{command.help}\n\n{_usage(command, context)}"


def _usage(command: TyperCommand | TyperGroup, context: typer.Context) -> str:
    """How it is called, its arguments and options, and examples."""
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    parts = [f"    {usage}\n"]
    if rows := list(_rows(command, context)):
        parts.append("\n".join(["| argument or option | meaning |", "|---|---|", *rows]) + "\n")
    if examples := _examples(command.epilog or ""):
        parts.append("\n".join(["```", *examples, "```"]) + "\n")
    return "\n".join(parts)


def _rows(command: TyperCommand | TyperGroup, context: typer.Context) -> Iterator[str]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and parameter.name != "help":
            name, meaning = (" ".join(text.split()).replace("|", "\\|") for text in record)
            yield f"| `{name}` | {meaning} |"


def _examples(epilog: str) -> list[str]:
    lines = (line for line in epilog.splitlines() if line.startswith(_EXAMPLE))
    return [line.removeprefix(_EXAMPLE) for line in lines]


def life_diagram() -> str:
    """The life of a delivery as a diagram, drawn from its table."""
    steps: dict[tuple[DeliveryState, DeliveryState], list[str]] = {}
    for (before, step), after in TRANSITIONS.items():
        steps.setdefault((before, after), []).append(step)
    lines = [f"    {before} --> {after}: {', '.join(names)}" for (before, after), names in steps.items()]
    ends = [f"    {state} --> [*]" for state in DeliveryState if state in FINAL]
    start = f"    [*] --> {DeliveryState.QUEUED}: fan out"
    return "\n".join(["```mermaid", "stateDiagram-v2", start, *lines, *ends, "```"])


def schedule_table() -> str:
    """The pauses between attempts, when no setting changes them."""
    rows: list[str] = []
    passed = 0
    for number, pause in enumerate(DEFAULT_SCHEDULE_S, start=2):
        passed += pause
        rows.append(f"| {number} | {_duration(pause)} | {_duration(passed)} |")
    head = [f"| attempt | pause before it (± {JITTER:.0%}) | after the first, about |", "|---|---|---|"]
    return "\n".join([*head, *rows])


def _duration(seconds: int) -> str:
    """Seconds in the largest units that say them, two at most."""
    words: list[str] = []
    for size, unit in _UNITS:
        number, seconds = divmod(seconds, size)
        words += [f"{number} {unit}"] if number else []
    words += [f"{seconds} s"] if seconds else []
    return " ".join(words[:2])


Parts = Mapping[str, Callable[[], str]]

_DELIVERIES: Final[Parts] = {"life": life_diagram, "schedule": schedule_table}
_MONITORING: Final[Parts] = {"metrics": metrics_table, "refusals": refusals_table}


def with_parts(page: str, parts: Parts = _DELIVERIES) -> str:
    """A page with its generated parts as they should be: between markers that name them, else at the end."""
    for name, render in parts.items():
        begin, end = f"<!-- generated: {name} -->\n", "<!-- end -->\n"
        before, found, rest = page.partition(begin)
        after = rest.partition(end)[2] if found else ""
        page = f"{before}{begin}{render()}\n{end}{after}"
    return page


FILES: Final = RenderedFiles(
    _COMMAND,
    "the code says",
    {
        "docs/commands.md": lambda _: commands_page(),
        "docs/deliveries.md": with_parts,
        "docs/monitoring.md": partial(with_parts, parts=_MONITORING),
        "docs/senders.md": lambda _: sender_page.page(_COMMAND),
    },
)
"""What is rendered here."""


if __name__ == "__main__":
    sys.exit(FILES.main(sys.argv[1:]))
