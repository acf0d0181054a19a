"""The round trip of a tunnel: which beats count, and how many are remembered."""

from hypothesis import given
from hypothesis import strategies as st

from relay.server.round_trip import RoundTrip
from relay.tunnel.messages import Beat


def test_it_is_the_time_from_a_beat_to_its_echo() -> None:
    trip = RoundTrip()
    assert trip.ask(100.0) == Beat(1)
    assert trip.ms is None
    trip.answered(1, 100.0421)
    assert trip.ms == 42.1
    assert trip.ask(105.0) == Beat(2)
    assert trip.ms == 42.1
    trip.answered(2, 105.0)
    assert trip.ms == 0.0


def test_an_echo_that_is_said_again_or_was_never_asked_for_changes_nothing() -> None:
    trip = RoundTrip()
    trip.ask(1.0)
    trip.answered(7, 2.0)
    assert trip.ms is None
    trip.answered(1, 2.0)
    trip.answered(1, 9.0)
    assert trip.ms == 1000.0


def test_a_line_that_is_slower_than_the_heart_is_measured_all_the_same() -> None:
    trip = RoundTrip()
    for second in range(0, 15, 5):
        trip.ask(float(second))
    trip.answered(1, 12.0)
    assert trip.ms == 12_000.0


@given(st.lists(st.none() | st.integers(0, 50), max_size=60))
def test_whatever_is_answered_only_the_newest_beats_are_remembered(said: list[int | None]) -> None:
    trip = RoundTrip()
    asked = 0
    waiting: set[int] = set()
    for now, number in enumerate(said):
        if number is None:
            asked += 1
            assert trip.ask(float(now)) == Beat(asked)
            waiting = {each for each in waiting | {asked} if each > asked - 8 or len(waiting) < 8}
            continue
        before = trip.ms
        trip.answered(number, float(now))
        assert trip.ms == before or number in waiting
        waiting.discard(number)
