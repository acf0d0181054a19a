"""The entries of a webhook that say who may send."""

from ipaddress import ip_address

import pytest

from domain.allowed import MAX_ALLOWED, allowed_networks, checked_entries, list_names, require_known
from domain.errors import InvalidInputError
from domain.networks import Networks


def test_entries_are_kept_in_their_shortest_form_and_once() -> None:
    given = ["192.0.2.7/32", "192.0.2.7", "::ffff:192.0.2.0/120", "@github", "2001:DB8:0::/32", "@github"]
    assert checked_entries(given) == ("192.0.2.7", "192.0.2.0/24", "@github", "2001:db8::/32")


@pytest.mark.parametrize(
    "entry", ["", "@", "github", "example.org", "10.0.0.1/8", "1.2.3.4, 1.2.3.5", "x" * 5000]
)
def test_what_is_neither_network_nor_list_is_refused_in_a_sentence(entry: str) -> None:
    with pytest.raises(
        InvalidInputError, match=r"cannot be allowed; it must be .*or the name of a list such as @github\.$"
    ):
        checked_entries([entry])


def test_there_are_at_most_a_hundred() -> None:
    entries = [f"192.0.2.{number}" for number in range(MAX_ALLOWED + 1)]
    assert len(checked_entries(entries[1:])) == 100
    with pytest.raises(InvalidInputError, match="At most 100"):
        checked_entries(entries)


def test_a_list_has_to_exist() -> None:
    require_known(["@github", "192.0.2.7"], ["github"])
    with pytest.raises(
        InvalidInputError, match=r"There is no list '@gothub'; choose one of @github, @stripe\."
    ):
        require_known(["@gothub"], ["stripe", "github"])


def test_a_list_that_is_gone_lets_nobody_in() -> None:
    lists = {"own": Networks.of(["192.0.2.0/24"])}
    assert list_names(["@own", "::1", "@gone"]) == ("own", "gone")
    allowed = allowed_networks(["@own", "::1", "@gone"], lists)
    assert any(ip_address("192.0.2.7") in each for each in allowed)
    assert any(ip_address("::1") in each for each in allowed)
    assert not any(ip_address("198.51.100.1") in each for each in allowed)
    assert allowed_networks(["@gone"], {}) == ()
