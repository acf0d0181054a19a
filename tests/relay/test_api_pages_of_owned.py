"""Pages of webhooks and subscriptions over the control API: nothing is told twice or left out."""

import pytest

from tests.owner_door import Owner, new_gateway


@pytest.fixture
def owner(address: str, redis_url: str) -> Owner:
    return Owner(address, new_gateway(redis_url, "home")[1])


def names(owner: Owner, things: str, limit: int, query: str = "") -> list[list[str]]:
    """The names on each page."""
    found: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = owner.ask("GET", f"/{things}?limit={limit}&cursor={cursor}{query}").json
        found.append([each["name"] for each in page[things]])
        cursor = page["next"]
    return found


@pytest.mark.parametrize("things", ["webhooks", "subscriptions"])
def test_pages_hold_everything_once_oldest_first(owner: Owner, things: str) -> None:
    made = ["one", "two", "three", "four", "five"]
    for name in made:
        owner.webhook(name)
        assert owner.ask("POST", "/subscriptions", {"name": name, "webhooks": [name]}).status == 201
    assert names(owner, things, 2) == [made[:2], made[2:4], made[4:]]
    assert names(owner, things, 5) == [made]
    assert names(owner, things, 2, "&name=o") == [["one", "two"], ["four"]]
    assert names(owner, things, 2, "&name=%5B") == [[]]


def test_what_goes_between_two_pages_keeps_nothing_else_from_being_told(owner: Owner) -> None:
    for name in ("one", "two", "three", "four"):
        owner.webhook(name)
    first = owner.ask("GET", "/webhooks?limit=2").json
    owner.ask("DELETE", "/webhooks/two")
    owner.webhook("five")
    rest = owner.ask("GET", f"/webhooks?limit=3&cursor={first['next']}").json
    assert [each["name"] for each in rest["webhooks"]] == ["three", "four", "five"]
    assert rest["next"] is None


def test_without_a_limit_a_page_holds_a_hundred(owner: Owner) -> None:
    for number in range(101):
        owner.webhook(f"hook-{number}")
    page = owner.ask("GET", "/webhooks").json
    assert len(page["webhooks"]) == 100
    assert page["next"] == page["webhooks"][-1]["id"]


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1.5", ""])
def test_a_limit_that_is_none_is_refused(owner: Owner, limit: str) -> None:
    answer = owner.ask("GET", f"/webhooks?limit={limit}")
    assert (answer.status, answer.json["code"]) == (422, "invalid_input")


def test_a_cursor_leads_nowhere_else(owner: Owner, redis_url: str, address: str) -> None:
    stranger = Owner(address, new_gateway(redis_url, "other")[1])
    theirs = stranger.webhook("theirs")
    owner.webhook("mine")
    page = owner.ask("GET", "/webhooks?cursor=").json
    assert [each["name"] for each in page["webhooks"]] == ["mine"]
    assert owner.ask("GET", f"/webhooks?cursor={theirs['id']}").json["webhooks"][0]["name"] == "mine"
