"""What of a text people see: a stranger hides words for machines in what is drawn as nothing."""

import unicodedata
from typing import Final

# Control characters; invisible ones, with which text is hidden from people; surrogates and unassigned.
_NOT_SEEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
# Letters and marks that are drawn as nothing (Default_Ignorable_Code_Point of Unicode's
# DerivedCoreProperties.txt), and the blank of Braille: 256 variation selectors spell out any hidden bytes.
# Those that choose how an emoji is drawn, U+FE0E and U+FE0F, are in honest titles.
_BLANK: Final = frozenset(
    {
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE0E),
        *range(0xE0100, 0xE01F0),
    }
)
_REPLACED: Final = "\N{REPLACEMENT CHARACTER}"


def visible(text: str, but: str = "") -> str:
    """A text in which each character that nobody sees is replaced by one that everybody sees.

    Args:
        text: anything.
        but: characters that stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(each if each in but or _is_seen(each) else _REPLACED for each in text)


def on_one_line(text: str) -> str:
    """The same, with the ends of lines and paragraphs replaced, too."""
    seen = visible(text)
    return seen if seen.isprintable() else "".join(c if c.isprintable() else _REPLACED for c in seen)


def _is_seen(char: str) -> bool:
    return unicodedata.category(char) not in _NOT_SEEN and ord(char) not in _BLANK
