"""Sentences in lines: nothing is lost, and a command is never broken."""

from hypothesis import given
from hypothesis import strategies as st

from cli.wrapping import wrapped, wrapped_line

COMMAND = "'fleet webhooks resume github'"
words = st.sampled_from(["a", "sender's", "status:", COMMAND, f"{COMMAND}.", "(93%)"])


@given(st.lists(words), st.integers(1, 90))
def test_nothing_is_lost_and_a_command_stays_whole(pieces: list[str], room: int) -> None:
    lines = wrapped(" ".join(pieces), room)
    assert " ".join(lines) == " ".join(pieces)
    for line in lines:
        assert line.count("'fleet") == line.count(COMMAND)
        assert len(line) <= room or line in pieces


def test_a_line_is_filled() -> None:
    told = "1 webhook is paused, senders get 503: 'fleet webhooks resume github'."
    assert wrapped(told, 40) == ["1 webhook is paused, senders get 503:", f"{COMMAND}."]
    assert wrapped(told, len(told)) == [told]
    assert wrapped("", 5) == []


def test_a_line_on_a_screen_keeps_its_indent_and_its_first_column() -> None:
    step = "  12:00:00.050  Attempt 1: refused, not verified, after 30 ms, see 'fleet events show evt_1'."
    assert wrapped_line(step, 60) == [
        "  12:00:00.050  Attempt 1: refused, not verified, after 30",
        "                ms, see 'fleet events show evt_1'.",
    ]
    assert wrapped_line(step, 100) == [step]
    assert wrapped_line("One sentence that is long.", 20) == ["One sentence that is", "long."]


def test_what_is_no_sentence_stays_whole_to_be_copied() -> None:
    for line in ("curl -X POST https://relay.example.org/t/x --data a", ""):
        assert wrapped_line(line, 20) == [line]


@given(st.text("ab '. ", max_size=200), st.integers(1, 90))
def test_a_wrapped_line_loses_no_word(line: str, width: int) -> None:
    assert " ".join(wrapped_line(line, width)).split() == line.split()
