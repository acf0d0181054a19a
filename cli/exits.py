"""The exit codes of all commands, for scripts. The documents are rendered from here."""

from enum import IntEnum
from typing import Final

_BAR: Final = r"\|"


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    FAILED = 1
    WRONG_USE = 2
    FAULT = 3
    NOTHING = 4
    INTERRUPTED = 130
    READER_GONE = 141


MEANINGS: Final[dict[Exit, tuple[str, str]]] = {
    Exit.DONE: ("every command", "Done. Of a question, such as `fleet audit`: all is well."),
    Exit.FAILED: (
        "every command",
        (
            "Refused or failed; a sentence on standard error says why. Bulk work: some of it could not be"
            " done. `fleet audit`: the ledger does not balance. `fleet doctor`: a check failed."
            " `fleet trigger`: not what was to be expected. `fleet webhooks test`: it has not arrived."
        ),
    ),
    Exit.WRONG_USE: ("every command", "Wrong usage: an unknown option, or one that is missing."),
    Exit.FAULT: ("`fleet doctor signature`", "The request is not verified, and why is told."),
    Exit.NOTHING: ("`fleet doctor signature`", "Nothing came in time."),
    Exit.INTERRUPTED: ("every command", "Ctrl-C ended it. Bulk work says how far it came."),
    Exit.READER_GONE: (
        "every command",
        "Whoever read standard output has gone, as in `fleet events list | head -1`. It ends silently.",
    ),
}
"""Whose code it is, and what it means."""


def in_short() -> str:
    """The codes that every command has, in a line."""
    return f"{Exit.DONE:d} done, {Exit.FAILED:d} refused or failed, {Exit.WRONG_USE:d} wrong usage"


def table() -> str:
    """All of them, as a table of Markdown."""
    rows = (
        f"| {code:d} | {whose} | {meaning.replace('|', _BAR)} |"
        for code, (whose, meaning) in MEANINGS.items()
    )
    return "\n".join(["| code | of | meaning |", "|---|---|---|", *rows])
