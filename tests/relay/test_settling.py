"""What the outcome of an attempt does to its delivery."""

import pytest

from domain.delivery import Outcome, Step
from relay.server.context import RelayContext
from relay.server.settling import Settler
from relay.tunnel.messages import Result
from tests.running_relay import context_of


@pytest.fixture
def context() -> RelayContext:
    return context_of("unix:///nowhere", clock_ms=lambda: 1_000_000, retry_schedule_s=(5, 30))


@pytest.mark.parametrize(
    ("outcome", "tries", "wish", "step", "retry_at"),
    [
        (Outcome.DELIVERED, 1, None, Step.DELIVER, 0),
        (Outcome.REFUSED, 1, None, Step.REFUSE, 0),
        (Outcome.RETRY, 1, None, Step.RETRY, 1_005_000),
        (Outcome.RETRY, 2, None, Step.RETRY, 1_030_000),
        (Outcome.RETRY, 2, 0.1, Step.RETRY, 1_001_000),
        (Outcome.RETRY, 2, 1e9, Step.RETRY, 44_200_000),
        (Outcome.RETRY, 3, 60, Step.EXHAUST, 0),
    ],
)
async def test_an_outcome_becomes_a_step(
    context: RelayContext, outcome: Outcome, tries: int, wish: float | None, step: Step, retry_at: int
) -> None:
    made = Settler(context).settlement(Result("dlv_1", 7, outcome, "note", wish), tries)
    assert (made.delivery, made.attempt, made.step, made.retry_at, made.note) == (
        "dlv_1",
        7,
        step,
        retry_at,
        "note",
    )
