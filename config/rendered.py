"""Files that are rendered from the code: written, or checked to be what the code says."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
"""The folder of the project."""


@dataclass(frozen=True, slots=True)
class RenderedFiles:
    """What one command renders.

    Attributes:
        command: what is run, `--write` or `--check` follows.
        truth: what the files have to agree with, as a clause: "the code says".
        files: what renders each file out of what stands there ("" when nothing does), by its path from the
            root of the project.
    """

    command: str
    truth: str
    files: Mapping[str, Callable[[str], str]]

    def drifted(self, root: Path = ROOT) -> list[str]:
        """The files below `root` that are not as they should be."""
        found = {name: _content(root / name) for name in self.files}
        return [name for name, render in self.files.items() if found[name] != render(found[name])]

    def write(self, root: Path = ROOT) -> None:
        """Writes all files below `root`."""
        for name, render in self.files.items():
            path = root / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(render(_content(path)), encoding="utf-8")

    def main(self, arguments: list[str], root: Path = ROOT) -> int:
        """Writes or checks the files; returns the exit code."""
        match arguments:
            case ["--write"]:
                self.write(root)
                return 0
            case ["--check"]:
                found = self.drifted(root)
                for name in found:
                    sys.stderr.write(f"{name} is not what {self.truth}; run `{self.command} --write`.\n")
                return 1 if found else 0
            case _:
                sys.stderr.write(f"Usage: {self.command} --write | --check\n")
                return 2


def _content(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
