"""What strangers cause again and again: told once a minute for each kind, and never much."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from domain.seldom import INTERVAL_MS, Seldom

MOST = 1000


def times(seldom: Seldom, kinds: Iterable[str], now_ms: int) -> list[int]:
    return [seldom.happened((kind,), now_ms) for kind in kinds]


def test_each_kind_is_told_at_once_and_then_once_an_interval_with_its_number() -> None:
    seldom = Seldom()
    assert times(seldom, "aabaa", 0) == [1, 0, 1, 0, 0]
    assert times(seldom, "ab", INTERVAL_MS - 1) == [0, 0]
    assert times(seldom, "ab", INTERVAL_MS) == [5, 2]


def test_however_many_kinds_there_are_no_more_than_a_thousand_are_told_in_an_interval() -> None:
    seldom = Seldom()
    assert sum(map(bool, times(seldom, map(str, range(5 * MOST)), 0))) == MOST
    assert not any(times(seldom, map(str, range(5 * MOST)), INTERVAL_MS - 1))


def test_what_there_was_no_room_for_is_told_together() -> None:
    seldom = Seldom()
    times(seldom, map(str, range(MOST - 1)), 0)
    assert times(seldom, "abc", 0) == [1, 0, 0]
    # Those who have room keep it as long as they go on.
    assert times(seldom, map(str, range(MOST - 1)), INTERVAL_MS) == [1] * (MOST - 1)
    assert times(seldom, "def", INTERVAL_MS) == [3, 0, 0]


def test_a_kind_whose_interval_is_over_makes_room_for_a_new_one() -> None:
    seldom = Seldom()
    times(seldom, ["first"], 0)
    times(seldom, map(str, range(MOST - 2)), 1)
    assert times(seldom, ["other", "another"], 2) == [1, 0]
    assert times(seldom, ["new", "new", "0"], INTERVAL_MS) == [1, 0, 0]
    # The oldest was forgotten for it, and with that its place.
    assert times(seldom, ["first"], INTERVAL_MS) == [0]


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, INTERVAL_MS))))
def test_no_interval_has_more_than_may_be_told(happenings: list[tuple[int, int]]) -> None:
    seldom, now, told = Seldom(), 0, list[int]()
    for many, pause in happenings:
        now += pause
        told += [now for each in range(many) if seldom.happened((str(each * 7 % 2999),), now)]
    assert all(sum(1 for at in told if end - INTERVAL_MS < at <= end) <= MOST for end in set(told))
