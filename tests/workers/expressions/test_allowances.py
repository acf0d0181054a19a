"""Allowances: slow expressions rest, and no gateway takes more than its share."""

from hypothesis import given
from hypothesis import strategies as st

from workers.expressions.allowance import (
    CUT_MS,
    EXPRESSION_MS,
    FREE_MS,
    GATEWAY_MS,
    WINDOW_MS,
    Allowances,
)

NOW = 1_800_000_000_000


def test_what_is_quick_is_free_for_ever() -> None:
    allowances = Allowances()
    assert not any(allowances.charge("gw", "hook", "e", FREE_MS, NOW, is_cut=False) for _ in range(10_000))
    assert allowances.spent_ms("gw", NOW) == 0


def test_a_slow_expression_rests_alone_until_the_minute_is_over() -> None:
    allowances = Allowances()
    assert not allowances.charge("gw", "hook", "slow", FREE_MS + EXPRESSION_MS - 1, NOW, is_cut=False)
    assert allowances.charge("gw", "hook", "slow", FREE_MS + 1, NOW + 1000, is_cut=False)
    assert allowances.is_spent("gw", "hook", "slow", NOW + WINDOW_MS - 1)
    assert not allowances.is_spent("gw", "hook", "other", NOW + 1000)
    assert not allowances.is_spent("gw", "hook", "slow", NOW + WINDOW_MS)


def test_what_is_sent_to_one_webhook_lets_an_expression_rest_there_alone() -> None:
    """Strangers may send to the first; the second one asks for signatures."""
    allowances = Allowances()
    assert allowances.charge("gw", "open", "slow", 0, NOW, is_cut=True)
    assert allowances.is_spent("gw", "open", "slow", NOW)
    assert not allowances.is_spent("gw", "signed", "slow", NOW)
    for number in range(int(GATEWAY_MS / CUT_MS)):
        allowances.charge("gw", "open", f"another {number}", 0, NOW, is_cut=True)
    assert allowances.is_spent("gw", "signed", "slow", NOW)  # what all may take together stays bounded
    assert allowances.is_slow("gw", "open", "slow", NOW)
    assert not allowances.is_slow("gw", "signed", "slow", NOW)  # by itself it is not


def test_one_that_had_to_be_cut_rests_for_a_whole_minute_from_then_on() -> None:
    allowances = Allowances()
    allowances.charge("gw", "hook", "slow", FREE_MS + 1, NOW, is_cut=False)
    late = NOW + WINDOW_MS - 1
    assert allowances.charge("gw", "hook", "slow", 0, late, is_cut=True)
    assert allowances.is_spent("gw", "hook", "slow", late + WINDOW_MS - 1)
    assert not allowances.is_spent("gw", "hook", "slow", late + WINDOW_MS)


def test_a_gateway_with_many_slow_expressions_rests_as_a_whole_and_others_do_not() -> None:
    allowances = Allowances()
    for number in range(int(GATEWAY_MS / CUT_MS)):
        assert not allowances.is_spent("greedy", "hook", f"new {number}", NOW)
        allowances.charge("greedy", "hook", f"new {number}", 0, NOW, is_cut=True)
    assert allowances.is_spent("greedy", "hook", "innocent", NOW)
    assert not allowances.is_spent("second", "hook", "new 0", NOW)
    assert not allowances.is_spent("greedy", "hook", "innocent", NOW + WINDOW_MS)


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.floats(0, 250), st.booleans()), max_size=60))
def test_a_gateway_never_takes_much_more_than_its_allowance_in_a_minute(
    evaluations: list[tuple[str, float, bool]],
) -> None:
    """Law: what runs before the allowance is spent is at most one evaluation beyond it."""
    allowances, taken = Allowances(), 0.0
    for expression, took_ms, is_cut in evaluations:
        if not allowances.is_spent("gw", "hook", expression, NOW):
            allowances.charge("gw", "hook", expression, took_ms, NOW, is_cut=is_cut)
            taken += max(0.0, took_ms - FREE_MS)
    assert taken <= GATEWAY_MS + 250
    assert allowances.spent_ms("gw", NOW) <= GATEWAY_MS + CUT_MS


def test_old_charges_are_forgotten() -> None:
    """A gateway may make up expressions without end."""
    allowances = Allowances()
    allowances.charge("gw", "hook", "first", 0, NOW, is_cut=True)
    for number in range(1000):
        allowances.charge(f"gw_{number}", "hook", "e", FREE_MS + 1, NOW, is_cut=False)
    assert not allowances.is_spent("gw", "hook", "first", NOW)
