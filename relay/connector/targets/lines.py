"""Lines: what a program prints, made fit for a terminal, and only so much of it."""

import re
from codecs import getincrementaldecoder
from typing import Final

MAX_LINE_CHARS: Final = 2000
MAX_LINES: Final = 10_000
MAX_CHARS: Final = 1024 * 1024
THE_REST: Final = "... more was printed; it is not shown."

_END_OF_LINE: Final = re.compile(r"[\r\n]+")
# ECMA-48: control sequences (colours, cursor), and strings such as a window's title.
_ESCAPES: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]P^_X][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\-~]"
)


def plain(text: str) -> str:
    """A text without anything that would command a terminal."""
    text = _ESCAPES.sub("", text).replace("\t", "    ")
    return text if text.isprintable() else "".join(each if each.isprintable() else "\ufffd" for each in text)


class Lines:
    """Cuts a program's output into lines. It keeps one unfinished line, and no more."""

    def __init__(self) -> None:
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""
        self._lines = 0
        self._chars = 0
        self._is_full = False

    def feed(self, chunk: bytes, *, is_last: bool = False) -> list[str]:
        """The lines that are whole now, none of them empty; a long one comes in pieces.

        Args:
            chunk: what was printed.
            is_last: nothing more will be: what is left is a line, too.
        """
        if self._is_full:
            return []
        *whole, self._rest = _END_OF_LINE.split(self._rest + self._decode(chunk, is_last))
        if is_last or len(self._rest) >= MAX_LINE_CHARS:
            whole.append(self._rest)
            self._rest = ""
        return [
            shown
            for line in whole
            for begin in range(0, len(line), MAX_LINE_CHARS)
            for shown in self._bounded(line[begin : begin + MAX_LINE_CHARS])
        ]

    def _bounded(self, line: str) -> list[str]:
        """The line, when there is room for it; the first one without room says so."""
        if self._is_full:
            return []
        self._lines += 1
        self._chars += len(line)
        self._is_full = self._lines > MAX_LINES or self._chars > MAX_CHARS
        return [THE_REST] if self._is_full else [plain(line)]
