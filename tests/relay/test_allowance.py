"""How long an attempt may take, on a clock that jumps: silence, signs of life, and twelve hours."""

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.delivery import ANSWER_GRACE_S, LONGEST_ATTEMPT_S
from relay.connector.allowance import OVERTIME_S, SAID_EVERY_S, Allowance
from tests.jumping_loop import jumping


@dataclass
class Seen:
    """What was seen of an attempt, in seconds since it began; `ended` is None when it was not ended."""

    signs: list[float] = field(default_factory=list)
    told: list[float] = field(default_factory=list)
    ended: float | None = None


async def live(timeout_s: float, pauses: list[float]) -> Seen:
    """An attempt with a pause before each sign of life; after the last one it is silent until it is ended."""
    seen, loop = Seen(), asyncio.get_running_loop()
    try:
        async with Allowance(timeout_s, lambda: seen.told.append(loop.time())) as allowance:
            for pause in pauses:
                await asyncio.sleep(pause)
                allowance.keep_alive()
                seen.signs.append(loop.time())
            await asyncio.Event().wait()
    except TimeoutError:
        seen.ended = loop.time()
    return seen


@pytest.mark.parametrize("timeout_s", [1, 30, 3600])
def test_silence_ends_an_attempt(timeout_s: int) -> None:
    seen = jumping(live(timeout_s, []))
    assert (seen.ended, seen.told) == (timeout_s + OVERTIME_S, [])


def test_signs_of_life_carry_an_attempt_beyond_its_time() -> None:
    seen = jumping(live(30, [20] * 10))
    assert seen.told == [20 * number for number in range(1, 11)]
    assert seen.ended == 200 + 30 + OVERTIME_S


def test_twelve_hours_are_the_end_however_much_is_said() -> None:
    seen = jumping(live(30, [29] * 2000))
    assert seen.ended == LONGEST_ATTEMPT_S + OVERTIME_S == 12 * 3600 + 2


def test_a_program_that_writes_a_lot_is_told_every_ten_seconds() -> None:
    seen = jumping(live(30, [0.01] * 10_000))
    assert len(seen.signs) == 10_000
    assert [round(at, 3) for at in seen.told] == [0.01 + 10 * number for number in range(11)]


def test_a_sign_after_the_end_is_told_to_nobody() -> None:
    async def late() -> list[float]:
        told: list[float] = []
        async with Allowance(30, lambda: told.append(1)) as allowance:
            allowance.keep_alive()
            allowance.keep_alive()
        allowance.keep_alive()
        await asyncio.sleep(100)
        return told

    assert jumping(late()) == [1]


def test_an_error_of_the_target_is_its_own() -> None:
    async def fail() -> None:
        async with Allowance(30, lambda: None) as allowance:
            allowance.keep_alive()
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        jumping(fail())


@settings(max_examples=60)
@given(st.integers(1, 60), st.lists(st.floats(0, 40), max_size=25))
def test_the_relay_waits_for_as_long_as_the_connector_and_hears_little(
    timeout_s: int, pauses: list[float]
) -> None:
    seen = jumping(live(timeout_s, pauses))
    last = max(seen.signs, default=0.0)
    assert seen.ended == pytest.approx(last + timeout_s + OVERTIME_S)
    apart = min(SAID_EVERY_S, timeout_s) - 1e-6
    assert all(later - sooner >= apart for sooner, later in zip(seen.told, seen.told[1:], strict=False))
    # What the relay knows at any time before the end reaches to that time, with room for the way.
    known = [0.0, *seen.told]
    for at in (*seen.told, seen.ended):
        assert max(word for word in known if word < at or word == 0) + timeout_s + ANSWER_GRACE_S > at
