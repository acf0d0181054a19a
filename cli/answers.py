"""Answers: what commands say to people, as sentences and tables, and to programs, as JSON."""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NoReturn

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.called import reworded
from cli.exits import Exit
from cli.wrapping import wrapped_line

UNLIMITED: Final = 10_000
"""The width of a screen that has none."""
_FEW: Final = 5


def say_json(answer: object) -> None:
    """An answer for programs, on standard output."""
    write_out(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")


def say_json_line(answer: object) -> None:
    """One of many answers for programs: a line of its own, at once."""
    write_out(json.dumps(answer, ensure_ascii=False) + "\n")


def write_out(text: str) -> None:
    """Text on standard output, at once. If nobody reads it any more, the command ends here, silently."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        end_unread()


def end_unread() -> NoReturn:
    """End because nobody reads standard output any more, as `head` does when it has enough."""
    # What is left in the buffer would complain once more when Python ends.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    raise SystemExit(Exit.READER_GONE)


def say(*sentences: str) -> None:
    """Sentences for people, on standard output, one line each. Hints are worded as the reader types them.

    On a terminal they are wrapped at words.
    """
    console = screen()
    for sentence in sentences:
        for line in wrapped_line(printable(reworded(sentence)), console.width):
            console.print(Text(line), soft_wrap=True)


def complain(*sentences: str) -> None:
    """Sentences for people, on standard error, one line each: they are no part of the answer.

    On a terminal they are wrapped at words.
    """
    width = Console(file=sys.stderr).width if sys.stderr.isatty() else UNLIMITED
    for sentence in sentences:
        lines = wrapped_line(printable(reworded(sentence)), width)
        sys.stderr.writelines(f"{each}\n" for each in lines)
    sys.stderr.flush()


def say_facts(facts: Mapping[str, object]) -> None:
    """One thing: its facts below each other, each value whole in its line so that it can be copied."""
    width = max(map(len, facts))
    say(*(f"  {name:<{width}}  {_words(value)}" for name, value in facts.items()))


def say_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, whole: str = "") -> None:
    """Many things: a row each. Values are folded where the terminal is too narrow, never cut.

    Args:
        columns: their titles. All should fit 80 columns with usual values.
        rows: the values.
        whole: the column whose values are folded last, so that they can be copied.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column == whole)
    for row in rows:
        table.add_row(*(_cell(_words(value)) for value in row))
    screen().print(table)


def day_and_time(moment: object) -> str:
    """A moment of RFC 3339 as people read it: to the second, in UTC; "never" when there was none."""
    return str(moment)[:19].replace("T", " ") + " UTC" if moment else "never"


def few(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return ", ".join(names[:_FEW]) + more


class _Screen(Console):
    def on_broken_pipe(self) -> None:
        end_unread()


def screen() -> Console:
    """Standard output: a terminal, or a pipe, which has no width; nothing may be wrapped for its sake."""
    width = None if sys.stdout.isatty() else UNLIMITED
    return _Screen(file=sys.stdout, width=width, highlight=False)


def _words(value: object) -> str:
    match value:
        case list() | tuple():
            return ", ".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        case _:
            return str(value)


def printable(text: str) -> str:
    """A text without anything that would command the terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _cell(text: str) -> Text:
    return Text(printable(text))  # no markup
