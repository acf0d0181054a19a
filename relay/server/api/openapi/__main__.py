"""Writes `docs/openapi.json`, or checks that it is what the description says."""

import sys
from pathlib import Path
from typing import Final

from relay.server.api.openapi.document import rendered

_COMMAND: Final = "python -m relay.server.api.openapi"
_ROOT: Final = Path(__file__).resolve().parents[4]
_FILE: Final = "docs/openapi.json"


def main(arguments: list[str], root: Path = _ROOT) -> int:
    """Writes or checks the file below `root`; returns the exit code."""
    path = root / _FILE
    match arguments:
        case ["--write"]:
            path.write_text(rendered(), encoding="utf-8")
            return 0
        case ["--check"]:
            if path.is_file() and path.read_text(encoding="utf-8") == rendered():
                return 0
            sys.stderr.write(f"{_FILE} is not what the description says; run `{_COMMAND} --write`.\n")
            return 1
        case _:
            sys.stderr.write(f"Usage: {_COMMAND} --write | --check\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
