"""What `fleet` is called where it was started, so that a hint works when it is pasted."""

import os
import re
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from config.settings import CALLED_AS

NAME: Final = "fleet"
"""What it is called in the code and in the documents."""
_HINT: Final = re.compile(r"(?<=')fleet(?= [a-z-])")


def program() -> str:
    """How this process was called: fleet, ./fleet, python -m cli."""
    return called(sys.argv[0], sys.orig_argv, os.environ)


def called(script: str, original: Sequence[str], environ: Mapping[str, str]) -> str:
    """How a process was called, in the words of whoever called it.

    Args:
        script: `sys.argv[0]`.
        original: `sys.orig_argv`; the interpreter as it was typed comes first.
        environ: the process environment; the script `./fleet` says there how it was called itself.
    """
    if told := environ.get(CALLED_AS):
        return told
    path = Path(script)
    if path.name == "__main__.py":
        return f"{shlex.quote(original[0])} -m cli"
    if path.name != NAME or path.name == script or _is_found(path):
        return NAME
    return shlex.quote(script)


def _is_found(path: Path) -> bool:
    """Whether the shell finds it by its name alone."""
    found = shutil.which(NAME)
    return found is not None and Path(found).absolute() == path.absolute()


def command(words: str) -> str:
    """One of our commands, to be pasted: `webhooks list` becomes `./fleet webhooks list`."""
    return f"{program()} {words}"


def reworded(sentence: str) -> str:
    """A sentence whose hints, 'fleet COMMAND' in quotes, work where it is read.

    Sentences of the relay are reworded, too: it cannot know how somebody else calls the program.
    """
    return _HINT.sub(lambda _: program(), sentence) if "'fleet " in sentence else sentence


def as_called(text: str) -> str:
    """The same for what programs read, where a whole text is a command, without quotes."""
    own = f"{NAME} "
    return command(text.removeprefix(own)) if text.startswith(own) and "\n" not in text else reworded(text)
