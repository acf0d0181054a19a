"""The help of the commands, worded as they are called where it is read."""

import re
from typing import Final

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from cli import called

_EXAMPLE: Final = re.compile(rf"(?<=\[dim\]\$\[/dim\] ){called.NAME}(?= )")


def reword_help(command: object) -> None:
    """Let the hints and examples of a command, and of all below it, be such that they work when pasted."""
    if called.program() != called.NAME:
        _reword(command)


def _reword(command: object) -> None:
    if not isinstance(command, TyperCommand | TyperGroup):
        return
    command.help = called.reworded(command.help or "")
    command.epilog = _EXAMPLE.sub(lambda _: called.program(), called.reworded(command.epilog or ""))
    for parameter in command.params:
        if isinstance(parameter, TyperArgument | TyperOption):
            parameter.help = called.reworded(parameter.help or "")
    if isinstance(command, TyperGroup):
        for inside in command.commands.values():
            _reword(inside)
