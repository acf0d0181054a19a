"""The outcome of an event: one word for all of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.delivery import DeliveryState
from domain.event import EventState
from domain.outcome import EventOutcome, deliveries_of, outcome_of, states_of

FANNED_OUT = EventState.FANNED_OUT


@pytest.mark.parametrize(
    ("deliveries", "outcome"),
    [
        (("delivered",), "delivered"),
        (("delivered", "dead", "queued"), "failed"),
        (("delivered", "retrying"), "under_way"),
        (("refused", "delivered"), "delivered"),
        (("refused", "discarded"), "refused"),
        (("cancelled", "discarded"), "discarded"),
        (("cancelled", "expired"), "cancelled"),
        (("expired",), "expired"),
    ],
)
def test_what_needs_most_attention_wins(deliveries: tuple[str, ...], outcome: str) -> None:
    assert outcome_of(FANNED_OUT, [DeliveryState(each) for each in deliveries]) == outcome


@given(st.sampled_from(EventState), st.lists(st.sampled_from(DeliveryState), min_size=1))
def test_an_outcome_is_found_again_by_the_states_it_is_made_of(
    state: EventState, deliveries: list[DeliveryState]
) -> None:
    outcome = outcome_of(state, deliveries)
    assert state in states_of(outcome)
    if state is not FANNED_OUT:
        assert outcome == state
    else:
        assert not deliveries_of(outcome).isdisjoint(deliveries)


def test_every_outcome_can_be() -> None:
    made = {outcome_of(state, []) for state in EventState}
    made |= {outcome_of(FANNED_OUT, [each]) for each in DeliveryState}
    assert made == set(EventOutcome)
