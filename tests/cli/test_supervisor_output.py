"""Where the lines of services go."""

import asyncio
import io
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from cli.output import LONGEST_LINE_BYTES, LogFiles, Terminal, lines


def test_the_terminal_shows_who_speaks() -> None:
    stream = io.StringIO()
    terminal = Terminal(stream)
    terminal.write("redis", "ready")
    terminal.write("connector", "connected")
    terminal.close()
    assert stream.getvalue() == "redis     | ready\nconnector | connected\n"


def test_a_terminal_that_went_away_stops_nobody() -> None:
    class Gone(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    Terminal(Gone()).write("redis", "ready")


def test_each_service_has_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    files = LogFiles(tmp_path / "logs")
    files.write("a", "one")
    files.write("b", "two")
    files.write("a", "three")
    files.close()
    assert (tmp_path / "logs/a.log").read_text() == "one\nthree\n"
    assert (tmp_path / "logs/b.log").read_text() == "two\n"
    assert (tmp_path / "logs/a.log").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "logs").stat().st_mode & 0o777 == 0o700


def test_files_grow_on_after_a_restart_but_not_without_bounds(tmp_path: Path) -> None:
    for number in range(100):
        files = LogFiles(tmp_path, limit_bytes=100)
        files.write("a", f"line {number:04}")
        files.close()
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["a.log", "a.log.1"]
    assert all(path.stat().st_size <= 110 for path in tmp_path.iterdir())
    assert (tmp_path / "a.log").read_text().endswith("line 0099\n")


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    files = LogFiles(tmp_path / "file")
    files.write("a", "lost")
    files.close()


def heard(data: bytes) -> list[str]:
    async def read() -> list[str]:
        stream = asyncio.StreamReader()
        stream.feed_data(data)
        stream.feed_eof()
        return [line async for line in lines(stream)]

    return asyncio.run(read())


@given(st.lists(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=20)))
def test_lines_come_as_they_were_printed(printed: list[str]) -> None:
    assert heard("".join(f"{line}\n" for line in printed).encode()) == printed


def test_a_last_line_without_end_and_foreign_bytes_are_lines_too() -> None:
    assert heard(b"one\r\ntwo\xff") == ["one", "two\ufffd"]


def test_an_endless_line_comes_in_pieces() -> None:
    pieces = heard(b"x" * (3 * LONGEST_LINE_BYTES))
    assert "".join(pieces) == "x" * (3 * LONGEST_LINE_BYTES)
    assert max(map(len, pieces)) <= 2 * LONGEST_LINE_BYTES
