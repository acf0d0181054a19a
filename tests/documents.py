"""The documents of the project, for tests: their tables, their examples, and the commands they may name."""

import json
import re
from pathlib import Path

from typer.core import TyperGroup
from typer.main import get_command

from cli.main import app

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md")]
PAGES += sorted((ROOT / "docs").glob("*.md"))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def table(name: str, head: str, number: int = 0) -> list[list[str]]:
    """The rows of a document's table with this head, as their cells; of several the one of this number."""
    after = read(name).split(f"\n{head}\n")[number + 1]
    lines = [line for line in after.split("\n\n")[0].splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def first_codes(rows: list[list[str]]) -> list[str]:
    return [code for row in rows for code in codes(row[0])]


def examples(name: str) -> list[dict[str, object]]:
    return [json.loads(text) for text in re.findall(r"```json\n(.*?)```", read(name), re.DOTALL)]


def commands() -> set[str]:
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    found = set(root.commands)
    for name, command in root.commands.items():
        if isinstance(command, TyperGroup):
            found |= {f"{name} {each}" for each in command.commands}
    return found
