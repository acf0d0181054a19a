"""Sentences in lines: nothing is lost, and a command is never broken."""

from hypothesis import given
from hypothesis import strategies as st

from cli.wrapping import wrapped

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
