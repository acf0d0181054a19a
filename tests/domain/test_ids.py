"""Ids sort by time, name their kind, and a delivery's id tells its event and subscription."""

from hypothesis import given
from hypothesis import strategies as st

from domain.ids import ENTROPY_BYTES, delivery_id, event_of, is_id, new_id, subscription_of

moments = st.integers(0, 2**45 - 1)
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


def test_seventy_bits_are_random() -> None:
    assert new_id("evt", 0, bytes(9)) == "evt_" + "0" * 23
    assert new_id("evt", 0, b"\xff" * 9) == "evt_" + "0" * 9 + "z" * 14
