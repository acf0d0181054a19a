"""The surroundings of a program: the little of our environment that it gets."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from config.settings import PREFIX

ALWAYS: Final = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR")
"""What a program gets unasked. None of these is secret, and little runs without them."""
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


def mistake_in(name: str) -> str:
    """Why a variable cannot be given to a program, a sentence; "" when it can."""
    if not _NAME.fullmatch(name):
        return f"{name[:64]!r} cannot be the name of a variable."
    if name.startswith(PREFIX):
        return f"{name[:64]} cannot be given: names with {PREFIX} are ours, and some of them are secret."
    return ""


def surroundings(
    environ: Mapping[str, str], passed: Iterable[str], given: Mapping[str, str]
) -> dict[str, str]:
    """The environment of a program.

    Args:
        environ: our own.
        passed: names of the variables to pass on besides.
        given: variables of its own; they win.
    """
    names = [*ALWAYS, *passed]
    return {name: environ[name] for name in names if name in environ} | dict(given)
