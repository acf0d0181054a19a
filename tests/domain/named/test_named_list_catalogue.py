"""The lists that come with the program."""

from datetime import date
from urllib.parse import urlsplit

import pytest

from domain.allowed import checked_entries, require_known
from domain.named import SHIPPED, NamedList, checked_networks
from domain.webhook import checked_name
from tests.documents import codes, table


@pytest.mark.parametrize("named", SHIPPED.values(), ids=SHIPPED)
def test_every_list_is_as_a_refreshed_one_would_be(named: NamedList) -> None:
    assert named.networks == checked_networks(named.networks)
    assert checked_name("name", named.name) == named.name
    assert named.title
    assert date(2026, 1, 1) <= date.fromisoformat(named.as_of)
    assert urlsplit(named.source).scheme == "https"
    assert not named.feed or urlsplit(named.feed).scheme == "https"
    require_known(checked_entries([f"@{named.name}"]), list(SHIPPED))


def test_the_page_names_every_list_with_its_date() -> None:
    rows = table("docs/public-door.md", "| list | sender | published at | as of |")
    told = [(codes(name)[0], title, origin, day) for name, title, origin, day in rows]
    real = [(f"@{each.name}", each.title, each.feed or each.source, each.as_of) for each in SHIPPED.values()]
    assert told == real
