"""The webhook for Git over the control API: one of its kind, without any signature of its own."""

import pytest

from tests.owner_door import Owner, new_gateway

FORBIDDEN = [
    ("PUT", "/secret", {"secret": "a secret"}),
    ("POST", "/secrets", {}),
    ("DELETE", "/secrets", None),
    ("POST", "/reveal", None),
    ("POST", "/samples", {"event": "push"}),
    ("POST", "/examination", None),
    ("PATCH", "", {"sender": "github"}),
    ("PATCH", "", {"require_signature": True}),
    ("PATCH", "", {"verify": "ingress"}),
    ("PATCH", "", {"parameters": {"header": "X-Own"}}),
]


@pytest.fixture
def owner(address: str, redis_url: str) -> Owner:
    return Owner(address, new_gateway(redis_url, "home")[1])


def test_it_is_made_by_name_and_says_what_to_do_next(owner: Owner) -> None:
    made = owner.ask("POST", "/webhooks", {"name": "push", "sender": "git", "allow_ips": ["192.0.2.0/24"]})
    assert made.status == 201
    assert (made.json["sender"], made.json["signature"]) == ("git", "by the Secrets of repos")
    assert (made.json["secrets"], made.json["parameters"]) == ([], {})
    assert "/t/" in made.json["url"]
    assert "fleet apply" in made.json["next_step"]
    assert "secret" not in made.json
    assert owner.ask("GET", "/webhooks/push").json["allow_ips"] == ["192.0.2.0/24"]


def test_a_gateway_has_one_and_another_after_it_was_deleted(owner: Owner) -> None:
    owner.ask("POST", "/webhooks", {"name": "push", "sender": "git"})
    second = owner.ask("POST", "/webhooks", {"name": "git", "sender": "git"})
    assert second.status == 409
    assert "has its webhook for Git already" in second.json["detail"]
    assert owner.ask("DELETE", "/webhooks/push").status == 204
    assert owner.ask("POST", "/webhooks", {"name": "git", "sender": "git"}).status == 201


@pytest.mark.parametrize(("method", "path", "wish"), FORBIDDEN)
def test_what_only_signatures_have_it_has_not(
    owner: Owner, method: str, path: str, wish: dict[str, object] | None
) -> None:
    owner.ask("POST", "/webhooks", {"name": "git", "sender": "git"})
    before = owner.ask("GET", "/webhooks/git").json
    answer = owner.ask(method, f"/webhooks/git{path}", wish)
    assert answer.status == 422
    assert "the Secrets that its repos name vouch for pushes" in answer.raw.decode()
    assert owner.ask("GET", "/webhooks/git").json == before


@pytest.mark.parametrize(
    "wish", [{"require_signature": True}, {"verify": "ingress"}, {"parameters": {"header": "X-Own"}}]
)
def test_nor_from_the_beginning(owner: Owner, wish: dict[str, object]) -> None:
    assert owner.ask("POST", "/webhooks", {"name": "git", "sender": "git", **wish}).status == 422
    assert owner.ask("GET", "/webhooks").json["webhooks"] == []


def test_its_plain_rules_can_be_changed_and_no_other_webhook_becomes_one(owner: Owner) -> None:
    owner.ask("POST", "/webhooks", {"name": "git", "sender": "git"})
    changed = owner.ask("PATCH", "/webhooks/git", {"https_only": True})
    assert (changed.status, changed.json["https_only"]) == (200, True)
    owner.ask("POST", "/webhooks", {"name": "hook", "sender": "github"})
    answer = owner.ask("PATCH", "/webhooks/hook", {"sender": "git"})
    assert answer.status == 422
    assert "--sender git" in answer.raw.decode()
