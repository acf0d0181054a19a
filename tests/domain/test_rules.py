"""Names and filters: what is allowed, and what a glob matches."""

import pytest

from domain.errors import InvalidInputError
from domain.subscription import Subscription, checked_event_types
from domain.webhook import checked_name


def wants(event_type: str, *globs: str) -> bool:
    return Subscription("sub_1", "gw_1", "ci", ("whk_1",), globs, 30, 0).wants(event_type)


@pytest.mark.parametrize("name", ["a", "github", "my.hook-1_x", "0", "a" * 64])
def test_good_names(name: str) -> None:
    assert checked_name("name", name) == name


@pytest.mark.parametrize("name", ["", "A", "-a", "a-", "a b", "a/b", "a" * 65, "ä", "a\n", ".."])
def test_bad_names(name: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        checked_name("name", name)
    assert raised.value.field == "name"


def test_globs() -> None:
    assert wants("push")
    assert wants("")
    assert wants("pull_request.opened", "pull_request*")
    assert wants("push", "issues", "push")
    assert not wants("Push", "push")
    assert not wants("", "push")


@pytest.mark.parametrize("globs", [("",), ("a" * 101,), ("a",) * 21])
def test_filters_are_bounded(globs: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError):
        checked_event_types(globs)
