"""Named lists in a real Redis: what is kept wins over what came with the program."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.named import SHIPPED, NamedList
from store import named_lists
from store.connect import SyncStore
from tests.redis_contents import contents

OWN = NamedList(
    "own", "Our own", "https://a.example", "https://a.example", "2026-01-31", ("192.0.2.0/24", "::1/128")
)
GITHUB = replace(SHIPPED["github"], as_of="2027-01-01", networks=("192.0.2.0/24",))


@pytest.fixture
def store(redis_url: str) -> Iterator[SyncStore]:
    store = SyncStore(redis_url)
    yield store
    store.close()


def test_without_anything_kept_the_shipped_lists_hold(store: SyncStore) -> None:
    assert store.run(named_lists.every()) == SHIPPED
    assert store.run(named_lists.fetch(["github", "own"])) == {"github": SHIPPED["github"], "own": None}


def test_what_is_kept_wins_and_is_read_back_whole(store: SyncStore) -> None:
    store.run(named_lists.keep(OWN))
    store.run(named_lists.keep(GITHUB))
    assert store.run(named_lists.every()) == {**SHIPPED, "github": GITHUB, "own": OWN}
    assert store.run(named_lists.fetch(["own", "stripe", "github", "none"])) == {
        "own": OWN,
        "stripe": SHIPPED["stripe"],
        "github": GITHUB,
        "none": None,
    }


def test_a_forgotten_list_is_the_shipped_one_or_none(store: SyncStore) -> None:
    for named in (OWN, GITHUB):
        store.run(named_lists.keep(named))
        store.run(named_lists.forget(named.name))
    store.run(named_lists.forget("never there"))
    assert store.run(named_lists.every()) == SHIPPED
    assert contents(store.client.execute_command) == {}


def test_the_number_of_lists_is_bounded_but_those_there_can_be_refreshed(
    store: SyncStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(named_lists, "MAX_KEPT", 2)
    store.run(named_lists.keep(OWN))
    store.run(named_lists.keep(GITHUB))
    with pytest.raises(named_lists.TooManyListsError, match="2 lists are kept already"):
        store.run(named_lists.keep(replace(OWN, name="third")))
    newer = replace(OWN, as_of="2026-02-28")
    store.run(named_lists.keep(newer))
    assert store.run(named_lists.fetch(["own", "third"])) == {"own": newer, "third": None}
