"""Wrapping: a sentence in lines that fit, in which a command to be pasted stays in one piece."""

import re
from typing import Final

_PIECE: Final = re.compile(r"(?<!\S)'[^']+'\S*|\S+")
"""A command in quotes with what follows it at once, or a word."""


def wrapped(sentence: str, room: int) -> list[str]:
    """The lines of a sentence.

    Args:
        sentence: words and commands in quotes, as in "see 'fleet queues'".
        room: how many characters fit into a line; a piece that is longer stands alone, and is longer.
    """
    lines: list[str] = []
    for piece in _PIECE.findall(sentence):
        if lines and len(lines[-1]) + 1 + len(piece) <= room:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    return lines
