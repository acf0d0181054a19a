"""Wrapping: a sentence in lines that fit, in which a command to be pasted stays in one piece."""

import re
from typing import Final

_PIECE: Final = re.compile(r"(?<!\S)'[^']+'\S*|\S+")
"""A command in quotes with what follows it at once, or a word."""
_LEAST_CHARS: Final = 20
_HEAD: Final = re.compile(r"\s*(?:\S+\s{2,})?")
"""What stands before a sentence: an indent, and a word in a column of its own, such as a time of day."""
_ENDS: Final = (".", "?", "!", ":")


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


def wrapped_line(line: str, width: int) -> list[str]:
    """A line for a screen of so many characters: a sentence that is too long goes on below itself.

    What is no sentence stays whole, and terminals break it where they end: it may be there to be copied.

    Args:
        line: one line; the indent and the first column keep their place.
        width: of the screen, in characters.
    """
    if len(line) <= width or not line.rstrip().endswith(_ENDS):
        return [line]
    found = _HEAD.match(line)
    head = found[0] if found else ""
    if len(head) > width // 2:
        head = line[: len(line) - len(line.lstrip())]
    first, *others = wrapped(line[len(head) :], max(_LEAST_CHARS, width - len(head))) or [""]
    return [head + first, *(" " * len(head) + each for each in others)]
