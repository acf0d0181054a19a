"""Lines that come at any time, on standard output; in colours and as wide as it is on a terminal."""

import json
import os
import sys
from collections.abc import Mapping
from typing import IO, Final

from rich.console import Console
from rich.text import Text

from cli.answers import UNLIMITED, printable
from cli.called import reworded
from cli.wrapping import wrapped

_LEAST_CHARS: Final = 30
"""Narrower than this, terminals break lines by themselves."""

Span = str | tuple[str, str]
"""A piece of a line, and its style: "bold red"."""


class Lines(Console):
    """Where the lines go. What is brought to targets goes on although nobody reads along."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        """NO_COLOR and TERM=dumb keep colours away, as rich has it.

        Args:
            stream: where they go; None: standard output.
        """
        kept = sys.stdout if stream is None else stream
        super().__init__(file=kept, width=None if kept.isatty() else UNLIMITED, highlight=False)

    def put(self, *spans: Span) -> None:
        """One line, at once. Whatever strangers wrote in it cannot command the terminal."""
        parts = (_clean(each) for each in spans)
        self.print(Text.assemble(*parts), soft_wrap=True)
        self.file.flush()

    def wrapped(self, sentence: str, indent: int) -> list[str]:
        """The lines of a sentence behind an indent; commands to be pasted stay whole. At least one line."""
        return wrapped(reworded(sentence), max(_LEAST_CHARS, self.width - indent)) or [""]

    def put_json(self, facts: Mapping[str, object]) -> None:
        """One document, a line of its own, at once."""
        self.print(Text(json.dumps(facts)), soft_wrap=True)
        self.file.flush()

    def on_broken_pipe(self) -> None:
        """Nobody reads any more."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _clean(span: Span) -> Span:
    if isinstance(span, str):
        return printable(reworded(span))
    text, style = span
    return printable(reworded(text)), style
