"""What programs print comes in lines that command no terminal, and only so much of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.connector.targets import lines
from relay.connector.targets.lines import MAX_LINE_CHARS, THE_REST, Lines, plain


@pytest.mark.parametrize(
    ("chunks", "shown"),
    [
        ([b"one\ntw", b"o\n"], ["one", "two"]),
        ([b"10%\r20%\r\n\n\nend"], ["10%", "20%", "end"]),
        ([b"h\xc3", b"\xbc\n"], ["h\u00fc"]),
        ([b"\xff\n"], ["\ufffd"]),
        ([b"\x1b[31mred\x1b[0m\x1b]0;title\x07 \x1b(B\a\n"], ["red \ufffd(B\ufffd"]),
        ([b"a\tb\xe2\x80\xaec\n"], ["a    b\ufffdc"]),
        ([], []),
    ],
)
def test_lines_are_whole_and_plain(chunks: list[bytes], shown: list[str]) -> None:
    made = Lines()
    found = [line for chunk in chunks for line in made.feed(chunk)]
    assert found + made.feed(b"", is_last=True) == shown


def test_a_line_without_end_comes_in_pieces() -> None:
    made = Lines()
    found = [line for _ in range(100) for line in made.feed(b"x" * 1000)] + made.feed(b"", is_last=True)
    assert "".join(found) == "x" * 100_000
    assert max(map(len, found)) <= MAX_LINE_CHARS


@pytest.mark.parametrize("bound", ["MAX_LINES", "MAX_CHARS"])
def test_what_is_too_much_is_said_once(bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, bound, 3)
    made = Lines()
    found = [line for _ in range(10) for line in made.feed(b"x\n")]
    assert found == ["x", "x", "x", THE_REST]


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_nothing_commands_the_terminal_however_it_is_cut(chunks: list[bytes]) -> None:
    made = Lines()
    found = [line for chunk in [*chunks, b"end"] for line in made.feed(chunk)] + made.feed(b"", is_last=True)
    assert all(line and line.isprintable() for line in found)


@given(st.text())
def test_plain_is_printable(text: str) -> None:
    assert plain(text).isprintable()
