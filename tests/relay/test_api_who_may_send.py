"""Who may send, over the control API: said at creation, changed later, lists to choose from."""

import pytest

from domain.named import SHIPPED, NamedList
from store import named_lists
from store.connect import SyncStore
from tests.owner_door import Owner, new_gateway


@pytest.fixture
def owner(address: str, redis_url: str) -> Owner:
    return Owner(address, new_gateway(redis_url, "home")[1])


@pytest.fixture
def own_list(redis_url: str) -> None:
    store = SyncStore(redis_url)
    store.run(named_lists.keep(NamedList("own", "Office", "", "", "2026-01-31", ("192.0.2.0/24",))))
    store.close()


def test_everybody_may_send_to_a_new_webhook(owner: Owner) -> None:
    made = owner.webhook()
    assert (made["https_only"], made["allow_ips"]) == (False, [])


def test_the_rules_are_made_shown_and_changed(owner: Owner) -> None:
    made = owner.webhook(https_only=True, allow_ips=["@github", "::ffff:192.0.2.7", "2001:DB8::/32"])
    assert (made["https_only"], made["allow_ips"]) == (True, ["@github", "192.0.2.7", "2001:db8::/32"])
    for change, https_only, allow_ips in (
        ({}, True, ["@github", "192.0.2.7", "2001:db8::/32"]),
        ({"https_only": False}, False, ["@github", "192.0.2.7", "2001:db8::/32"]),
        ({"allow_ips": ["@stripe"]}, False, ["@stripe"]),
        ({"https_only": True, "allow_ips": []}, True, []),
    ):
        answer = owner.ask("PATCH", f"/webhooks/{made['id']}", change)
        assert answer.status == 200
        shown = answer.json
        assert (shown["https_only"], shown["allow_ips"]) == (https_only, allow_ips)
        assert shown == owner.ask("GET", "/webhooks/github").json
        same = made.keys() - {"https_only", "allow_ips", "next_step"}
        assert {name: shown[name] for name in same} == {name: made[name] for name in same}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"allow_ips": ["10.0.0.1/8"]},
            "it must be 10.0.0.0/8 for the network or 10.0.0.1 for the one address",
        ),
        ({"allow_ips": ["github"]}, "'github' cannot be allowed; it must be an IP address or a network"),
        ({"allow_ips": ["@gothub"]}, "There is no list '@gothub'; choose one of @bitbucket, @github"),
        ({"allow_ips": ["192.0.2.7"] * 101}, "At most 100 allowed addresses are possible."),
        ({"allow_ips": "192.0.2.7"}, "'allow_ips' must be a list."),
        ({"https_only": "yes"}, "'https_only' must be true or false."),
        ({"hourly_limits": 5}, "'hourly_limits' is not a field here; check its spelling."),
    ],
)
def test_a_wrong_rule_is_refused_in_a_sentence(
    owner: Owner, change: dict[str, object], sentence: str
) -> None:
    before = owner.webhook(allow_ips=["@stripe"])
    for method, path, body in (
        ("PATCH", "/webhooks/github", change),
        ("POST", "/webhooks", {"name": "other", "sender": "github", **change}),
    ):
        answer = owner.ask(method, path, body)
        assert (answer.status, answer.json["code"]) == (422, "invalid_input")
        assert sentence in answer.json["detail"]
        assert [each["field"] for each in answer.json["errors"]] == list(change)
    shown = owner.ask("GET", "/webhooks").json["webhooks"]
    assert [(each["name"], each["allow_ips"]) for each in shown] == [("github", before["allow_ips"])]


@pytest.mark.usefixtures("own_list")
def test_the_lists_of_the_server_are_shown_and_can_be_named(owner: Owner) -> None:
    lists = owner.ask("GET", "/networks").json["networks"]
    assert [each["name"] for each in lists] == [f"@{name}" for name in sorted([*SHIPPED, "own"])]
    assert {"name": "@own", "title": "Office", "as_of": "2026-01-31", "count": 1} in lists
    assert owner.webhook(allow_ips=["@own"])["allow_ips"] == ["@own"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_lists_are_not_changed_over_the_api(owner: Owner, method: str) -> None:
    assert owner.ask(method, "/networks", {"own": ["0.0.0.0/0"]}).status == 405
    assert owner.ask(method, "/networks/github").status == 404
