"""The life of a delivery is a table: complete, and with an end."""

from hypothesis import given
from hypothesis import strategies as st

from domain.delivery import FINAL, IN_FLIGHT, TRANSITIONS, DeliveryState, Step, origins


def test_every_state_is_in_flight_final_or_dead() -> None:
    assert IN_FLIGHT | FINAL | {DeliveryState.DEAD} == set(DeliveryState)
    assert not IN_FLIGHT & FINAL


def test_nothing_leaves_a_final_state_and_everything_else_can_end() -> None:
    leaving = {state for state, _ in TRANSITIONS}
    assert leaving == set(DeliveryState) - FINAL
    for state in leaving:
        assert any(TRANSITIONS[each] in FINAL for each in TRANSITIONS if each[0] is state)


def test_every_step_is_possible_somewhere() -> None:
    assert all(origins(step) for step in Step)
    assert origins(Step.DIE) == (DeliveryState.EXHAUSTED,)


@given(st.lists(st.sampled_from(Step), max_size=60))
def test_only_an_operator_or_the_end_leaves_death(steps: list[Step]) -> None:
    state = DeliveryState.QUEUED
    for step in steps:
        following = TRANSITIONS.get((state, step), state)
        if state is DeliveryState.DEAD and following is not state:
            assert step in {Step.REPLAY, Step.DISCARD}
        state = following
