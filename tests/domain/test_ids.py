"""Ids sort by time, name their kind, and a delivery's id tells its event and subscription."""

from hypothesis import given
from hypothesis import strategies as st

from domain.ids import (
    ENTROPY_BYTES,
    MAX_MOMENT_MS,
    delivery_id,
    event_of,
    is_delivery_id,
    is_id,
    made_at,
    new_id,
    subscription_of,
)

moments = st.integers(0, MAX_MOMENT_MS)
randomness = st.binary(min_size=ENTROPY_BYTES, max_size=ENTROPY_BYTES)


@given(moments, moments, randomness, randomness)
def test_they_sort_by_the_millisecond(early: int, late: int, one: bytes, other: bytes) -> None:
    early, late = sorted((early, late))
    if early != late:
        assert new_id("evt", early, one) < new_id("evt", late, other)


@given(moments, randomness)
def test_they_are_recognised_by_kind(moment: int, entropy: bytes) -> None:
    made = new_id("whk", moment, entropy)
    assert is_id("whk", made)
    assert not is_id("sub", made)
    assert not is_id("whk", made[:-1])
    assert not is_id("whk", made + "0")


@given(moments, randomness, randomness)
def test_a_delivery_id_tells_whose_it_is(moment: int, one: bytes, other: bytes) -> None:
    event, subscription = new_id("evt", moment, one), new_id("sub", moment, other)
    made = delivery_id(event, subscription)
    assert (event_of(made), subscription_of(made)) == (event, subscription)


@given(moments, randomness, randomness)
def test_a_delivery_id_is_recognised(moment: int, one: bytes, other: bytes) -> None:
    made = delivery_id(new_id("evt", moment, one), new_id("sub", moment, other))
    assert is_delivery_id(made)
    assert not any(map(is_delivery_id, (made[:-1], made + "0", made[4:], f"{made}\n", made.upper())))


@given(moments, randomness)
def test_an_id_tells_when_it_was_made(moment: int, entropy: bytes) -> None:
    assert made_at(new_id("evt", moment, entropy)) == moment


def test_seventy_bits_are_random() -> None:
    assert new_id("evt", 0, bytes(9)) == "evt_" + "0" * 23
    assert new_id("evt", 0, b"\xff" * 9) == "evt_" + "0" * 9 + "z" * 14
