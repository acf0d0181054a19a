"""Subscriptions over the control API: a real server, a real Redis."""

import pytest

from tests.owner_door import Owner, new_gateway


@pytest.fixture
def owner(address: str, redis_url: str) -> Owner:
    owner = Owner(address, new_gateway(redis_url, "home")[1])
    for name in ("github", "stripe"):
        owner.webhook(name, name)
    return owner


def subscribe(owner: Owner, **change: object) -> dict[str, object]:
    answer = owner.ask("POST", "/subscriptions", {"name": "ci", "webhooks": ["github"], **change})
    assert answer.status == 201, answer.raw
    return answer.json


def test_a_subscription_is_made_listed_shown_and_removed(owner: Owner) -> None:
    made = subscribe(owner, events=["push", "pull_request.*"], timeout_s=60)
    assert (made["webhooks"], made["events"], made["timeout_s"]) == (
        ["github"],
        ["push", "pull_request.*"],
        60,
    )
    assert owner.ask("GET", "/subscriptions").json == {"subscriptions": [made], "next": None}
    assert owner.ask("GET", "/subscriptions/ci").json == made
    assert owner.ask("GET", f"/subscriptions/{made['id']}").json == made
    assert owner.ask("DELETE", "/subscriptions/ci").status == 204
    assert owner.ask("DELETE", "/subscriptions/ci").status == 404
    assert owner.ask("GET", "/subscriptions").json == {"subscriptions": [], "next": None}


def test_without_a_filter_it_wants_every_event_for_thirty_seconds(owner: Owner) -> None:
    made = subscribe(owner)
    assert (made["events"], made["timeout_s"]) == ([], 30)


def test_webhooks_are_named_by_name_or_id_and_counted_once(owner: Owner) -> None:
    github = owner.ask("GET", "/webhooks/github").json["id"]
    assert subscribe(owner, webhooks=[github, "stripe", "github"])["webhooks"] == ["github", "stripe"]


def test_a_deleted_webhook_is_shown_by_its_id(owner: Owner) -> None:
    github = owner.ask("GET", "/webhooks/github").json["id"]
    subscribe(owner, webhooks=["github", "stripe"])
    owner.ask("DELETE", "/webhooks/github")
    assert owner.ask("GET", "/subscriptions/ci").json["webhooks"] == [github, "stripe"]


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"webhooks": []}, "webhooks", "'webhooks' must have at least 1 entries."),
        ({"webhooks": ["github"] * 101}, "webhooks", "'webhooks' must have at most 100 entries."),
        ({"webhooks": "github"}, "webhooks", "'webhooks' must be a list."),
        ({"webhooks": ["github", 5]}, "webhooks.1", "'webhooks.1' must be a text in quotes."),
        ({"webhooks": ["none"]}, "webhooks", "There is no webhook 'none' in this gateway."),
        ({"events": ["*"] * 21}, "events", "At most 20 event filters are allowed."),
        ({"events": [""]}, "events", "An event filter has 1 to 100 characters."),
        ({"events": ["a\x1b[2J"]}, "events", "An event filter has no control characters."),
        ({"senders": ["githup"]}, "senders", "There is no sender 'githup'. Did you mean github"),
        ({"senders": ["github"] * 21}, "senders", "At most 20 senders are allowed."),
        ({"expression": "body.action =="}, "expression", "line 1, column 15: Syntax error"),
        (
            {"expression": "true &&\n bdy.x"},
            "expression",
            "line 2, column 5: undeclared reference to 'bdy.x'.",
        ),
        ({"expression": "body.flag"}, "expression", "An expression has to be true or false"),
        ({"expression": "x" * 2001}, "expression", "at most 2000 characters"),
        ({"expression": "true\u0000"}, "expression", "no control characters"),
        ({"timeout_s": 0}, "timeout_s", "'timeout_s' must be at least 1."),
        ({"timeout_s": 43_201}, "timeout_s", "'timeout_s' must be at most 43200."),
        ({"name": "sub_00000000000000000000000"}, "name", "looks like an id"),
    ],
)
def test_a_wrong_field_is_named_with_what_to_do(
    owner: Owner, change: dict[str, object], field: str, sentence: str
) -> None:
    answer = owner.ask("POST", "/subscriptions", {"name": "ci", "webhooks": ["github"], **change})
    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
    assert sentence in answer.json["detail"]
    assert [mistake["field"] for mistake in answer.json["errors"]] == [field]
    assert owner.ask("GET", "/subscriptions").json == {"subscriptions": [], "next": None}


def test_a_taken_name_is_a_conflict(owner: Owner) -> None:
    subscribe(owner)
    answer = owner.ask("POST", "/subscriptions", {"name": "ci", "webhooks": ["stripe"]})
    assert (answer.status, answer.json["code"]) == (409, "name_taken")


def test_a_filter_by_sender_and_expression_is_kept_as_it_was_written(owner: Owner) -> None:
    expression = 'body.action == "opened" &&\n  !body.pull_request.draft && headers["x-a"] != "é"'
    made = subscribe(owner, senders=["github", "git", "github"], expression=expression)
    assert (made["senders"], made["expression"]) == (["github", "git"], expression)
    assert owner.ask("GET", "/subscriptions/ci").json == made
    plain = owner.ask("POST", "/subscriptions", {"name": "plain", "webhooks": ["github"]}).json
    assert (plain["senders"], plain["expression"]) == ([], "")
