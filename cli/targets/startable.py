"""Whether programs can be started: seen at the start, before events spend attempts on it."""

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from cli.targets.wish import ProgramWish, Wish
from relay.connector.targets.command import Command


def warnings(wishes: Iterable[Wish]) -> Iterator[str]:
    """A sentence for each program that could not be started now. It may be there when an event comes.

    Args:
        wishes: all that is wished.
    """
    for wish in wishes:
        if isinstance(wish.to, ProgramWish) and (why := _obstacle(wish.to.command)):
            yield (
                f"WARNING: target {wish.name}: {wish.to.command.argv[0]} cannot be started: {why}. Until that"
                " is mended, each event of it fails and spends its attempts."
            )


def _obstacle(command: Command) -> str:
    program = command.argv[0]
    if not command.directory.is_dir():
        return f"there is no folder {command.directory}"
    if "/" not in program:
        path = command.environment.get("PATH", os.defpath)
        return "" if shutil.which(program, path=path) else f"nothing of that name is in PATH ({path})"
    file = Path(command.directory, program)
    if not file.is_file():
        return f"there is no file {file}"
    return "" if os.access(file, os.X_OK) else f"{file} may not be executed ('chmod +x {file}')"
