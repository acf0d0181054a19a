"""The ledger balances exactly when every sum is right."""

from hypothesis import given
from hypothesis import strategies as st

from domain.ledger import DELIVERY_CREATED, DELIVERY_PLACES, EVENT_ACCEPTED, EVENT_PLACES, Census, differences

amounts = st.dictionaries(st.sampled_from([*EVENT_PLACES, *DELIVERY_PLACES]), st.integers(1, 9))


def balanced(found: dict[str, int]) -> tuple[dict[str, int], Census]:
    events = sum(found.get(place, 0) for place in EVENT_PLACES)
    deliveries = sum(found.get(place, 0) for place in DELIVERY_PLACES)
    counts = {**found, EVENT_ACCEPTED: events, DELIVERY_CREATED: deliveries}
    return counts, Census(found.get("event:waiting", 0), found.get("delivery:in_flight", 0))


@given(amounts)
def test_true_sums_have_no_difference(found: dict[str, int]) -> None:
    assert differences(*balanced(found)) == []


@given(amounts, st.sampled_from([EVENT_ACCEPTED, DELIVERY_CREATED, *EVENT_PLACES, *DELIVERY_PLACES]))
def test_one_lost_anywhere_is_named(found: dict[str, int], where: str) -> None:
    counts, census = balanced(found)
    counts[where] = counts.get(where, 0) - 1
    assert differences(counts, census)


@given(amounts)
def test_what_is_not_really_there_is_named(found: dict[str, int]) -> None:
    counts, census = balanced(found)
    assert differences(counts, census + Census(waiting=1))
    assert differences(counts, census + Census(in_flight=1))
    assert differences(counts, census + Census(stored_events=1))
    assert differences(counts, census + Census(stored_bytes=1))
    # Nothing is said of what could not be compared.
    assert differences(counts, None) == []
