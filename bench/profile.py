"""Profiles: where the time of one process goes, and that of Redis beside it."""

import io
import pstats
import re
from pathlib import Path
from typing import Final

from store.connect import SyncStore

_ROOT: Final = Path(__file__).resolve().parents[1]
_TOP: Final = 25
_COMMANDS: Final = 15


class Profile:
    """One process run under cProfile, which makes Python code about twice as slow: read shares, not times."""

    def __init__(self, process: str, folder: Path) -> None:
        self._process = process
        self._file = folder / f"{process}.prof"
        self._commandstats = b""

    def argv(self, name: str) -> tuple[str, ...]:
        """What to put before `-m` in the command line of the process of that name."""
        return ("-m", "cProfile", "-o", str(self._file)) if name == self._process else ()

    def look_at_redis(self, store: SyncStore) -> None:
        """Remember what Redis says of its commands."""
        self._commandstats = store.client.execute_command("INFO", "commandstats")

    def text(self) -> str:
        """The most expensive functions by their own time and with what they call, and Redis' commands."""
        return f"{self._functions()}\n{self._commands()}"

    def _functions(self) -> str:
        if not self._file.exists():
            return f"No process named {self._process} ran in this measurement."
        output = io.StringIO()
        stats = pstats.Stats(str(self._file), stream=output)
        stats.sort_stats("tottime").print_stats(_TOP)
        # With what they call, only functions of ours say something: everything is called by the event loop.
        stats.sort_stats("cumulative").print_stats(rf"^{re.escape(str(_ROOT))}/(?!\.venv/)", _TOP)
        return output.getvalue().replace(f"{_ROOT}/", "")

    def _commands(self) -> str:
        """The commands that kept Redis busiest; those in scripts count in EVALSHA too."""
        rows: list[tuple[int, str]] = []
        for line in self._commandstats.decode().splitlines():
            name, _, facts = line.partition(":")
            if facts:
                figures = dict(fact.split("=") for fact in facts.split(","))
                text = (
                    f"{name.removeprefix('cmdstat_'):24}{figures['calls']:>10}{figures['usec_per_call']:>10}"
                )
                rows.append((int(figures["usec"]), text))
        busiest = sorted(rows, reverse=True)[:_COMMANDS]
        lines = [f"{text}{microseconds / 1000:>12.1f}" for microseconds, text in busiest]
        return "\n".join([f"{'Redis command':24}{'calls':>10}{'us each':>10}{'ms in all':>12}", *lines])
