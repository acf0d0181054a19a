"""What a story keeps of filters: bounded for all of them together, and it says where it was cut."""

from hypothesis import given
from hypothesis import strategies as st

from domain.passed_over import MAX_ASKED_CHARS, Because, PassedOver, bounded

GLOBS = st.lists(st.text(min_size=1, max_size=100), max_size=20).map(tuple)


def over(*asked: str) -> PassedOver:
    return PassedOver("sub", Because.EVENT_TYPE, asked)


@given(st.lists(GLOBS.map(lambda asked: over(*asked)), max_size=20))
def test_all_that_was_asked_has_a_bound_and_what_was_cut_says_so(stories: list[PassedOver]) -> None:
    found = list(bounded(stories))
    assert sum(len(part) for each in found for part in each.asked) <= MAX_ASKED_CHARS + 3 * len(stories)
    for before, after in zip(stories, found, strict=True):
        assert (after.asked == before.asked) or after.asked[-1].endswith("...")
        whole = after.asked if after.asked == before.asked else after.asked[:-1]
        assert before.asked[: len(whole)] == whole
    if sum(len(part) for each in stories for part in each.asked) <= MAX_ASKED_CHARS:
        assert found == stories


def test_the_first_are_told_whole_and_the_last_is_cut_where_the_room_ends() -> None:
    first, second, third = bounded([over("a" * 1990), over("push", "pull_request", "issues"), over("x")])
    assert first == over("a" * 1990)
    assert second == over("push", "pull_r...")
    assert third == over("...")
