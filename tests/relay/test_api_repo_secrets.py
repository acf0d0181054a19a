"""Secrets of repos over the control API: a real server, a real Redis, and no value in any answer."""

from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest

from store import repo_secrets
from store.connect import SyncStore
from store.sealing import KeyRing, Sealer
from tests import owner_door as door
from tests.owner_door import RING, Answer, Owner, new_gateway
from tests.redis_contents import contents

CANARY = "canary-of-a-secret"
SECRET = {"stringData": {"github": CANARY}}


@pytest.fixture
def owner(address: str, redis_url: str) -> Owner:
    return Owner(address, new_gateway(redis_url, "home")[1])


def put(owner: Owner, name: str = "infra/hook", body: object = SECRET) -> Answer:
    return owner.ask("PUT", f"/secrets/{name}", body)


def kept(owner: Owner, redis_url: str, name: str = "infra/hook") -> dict[str, bytes]:
    """What a worker would read."""
    gateway = owner.ask("GET", "/gateway").json["id"]
    store = SyncStore(redis_url)
    [sealed] = store.run(repo_secrets.fetch(gateway, [name]))
    store.close()
    assert sealed is not None
    return dict(repo_secrets.unseal(Sealer(RING, bytes), gateway, name, sealed).data)


def dump(redis_url: str) -> dict[bytes, bytes]:
    store = SyncStore(redis_url)
    there = contents(store.client.execute_command)
    store.close()
    return there


def names(answer: Any) -> list[str]:
    return [each["name"] for each in answer["secrets"]]


def test_a_secret_is_made_changed_left_alone_and_deleted(owner: Owner, redis_url: str) -> None:
    made = put(owner)
    assert (made.status, made.headers["location"]) == (201, "/api/v1/secrets/infra/hook")
    keys = [{"name": "github", "bytes": len(CANARY)}]
    view = {"name": "infra/hook", "type": "Opaque", "keys": keys}
    assert made.json == {**view, "change": "created", "ignored": []}
    assert kept(owner, redis_url) == {"github": CANARY.encode()}
    before = dump(redis_url)
    assert put(owner).json["change"] == "unchanged"
    assert dump(redis_url) == before
    changed = put(owner, body={"data": {"gitlab": b64encode(b"\x00\xff").decode()}})
    assert (changed.status, changed.json["change"]) == (200, "changed")
    assert kept(owner, redis_url) == {"gitlab": b"\x00\xff"}
    assert owner.ask("GET", "/secrets/infra/hook").json["keys"] == [{"name": "gitlab", "bytes": 2}]
    assert put(owner, body={**SECRET, "type": "x"}).json["change"] == "changed"
    assert owner.ask("DELETE", "/secrets/infra/hook").status == 204
    for method in ("GET", "DELETE"):
        gone = owner.ask(method, "/secrets/infra/hook")
        assert (gone.status, gone.json["detail"]) == (404, "There is no Secret 'infra/hook' in this gateway.")


def test_a_whole_resource_is_taken_and_what_means_nothing_is_told(owner: Owner) -> None:
    answer = put(
        owner,
        body={
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "hook", "namespace": "infra", "annotations": {}},
            "type": "kubernetes.io/basic-auth",
            "stringData": {"username": "u", "password": "p"},
            "immutable": True,
        },
    )
    assert answer.json["type"] == "kubernetes.io/basic-auth"
    assert set(answer.json["ignored"]) == {"metadata.annotations", "immutable"}


def test_no_answer_holds_a_value_and_redis_keeps_it_sealed(owner: Owner, redis_url: str) -> None:
    answers = [put(owner), put(owner), put(owner, body={**SECRET, "type": "x"})]
    answers += [owner.ask("PUT", "/secrets/infra/hook?dry_run=true", SECRET)]
    answers += [owner.ask("GET", path) for path in ("/secrets", "/secrets/infra/hook")]
    broken = ({"data": {"github": CANARY}}, {"stringData": {CANARY + "\n": "x"}}, {"stringData": [CANARY]})
    answers += [put(owner, body=body) for body in broken]
    assert [answer.status for answer in answers[-3:]] == [422] * 3
    assert not any(CANARY.encode() in answer.raw for answer in answers)
    for value in dump(redis_url).values():
        assert CANARY.encode() not in value
        assert b64encode(CANARY.encode()) not in value


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"stringData": {"github": 5}}, "stringData"),
        ({"data": {"github": "!"}}, "data.github"),
        ({"data": {"a b": ""}}, "data"),
        ({"stringData": {f"k{number}": "" for number in range(51)}}, "data"),
        ({"stringData": {"k": "x" * 65_537}}, "data"),
        ({"type": "kubernetes.io/ssh-auth"}, "data"),
        (
            {"kind": "GitRepo", "apiVersion": "fleet.cattle.io/v1alpha1", "spec": {"repo": "https://a/b"}},
            "kind",
        ),
        ({"metadata": {"name": "other"}}, "metadata.name"),
        ("x", ""),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(owner: Owner, body: object, field: str) -> None:
    answer = put(owner, body=body)
    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
    [mistake] = answer.json["errors"]
    assert mistake["field"].startswith(field)
    assert owner.ask("GET", "/secrets").json == {"secrets": [], "next": None}


def test_a_dry_run_changes_nothing(owner: Owner, redis_url: str) -> None:
    before = dump(redis_url)
    would = owner.ask("PUT", "/secrets/infra/hook?dry_run=true", SECRET)
    assert (would.status, would.json["change"]) == (200, "created")
    assert dump(redis_url) == before
    put(owner)
    before = dump(redis_url)
    assert owner.ask("PUT", "/secrets/infra/hook?dry_run=true", {}).json["change"] == "changed"
    assert dump(redis_url) == before


def test_a_list_comes_in_pages(owner: Owner) -> None:
    every = ["a/hook", "a/key", "b/hook"]
    for name in reversed(every):
        put(owner, name)
    assert names(owner.ask("GET", "/secrets").json) == every
    first = owner.ask("GET", "/secrets?limit=2").json
    assert (names(first), first["next"]) == (every[:2], "a/key")
    assert names(owner.ask("GET", "/secrets?limit=2&cursor=a/key").json) == every[2:]
    assert names(owner.ask("GET", "/secrets?name=hook").json) == ["a/hook", "b/hook"]


def test_a_gateway_has_a_bounded_number(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repo_secrets, "MOST_SECRETS", 1)
    assert put(owner, "infra/hook?dry_run=true").json["change"] == "created"
    refused = [put(owner, "infra/hook?dry_run=true&after=1")]
    put(owner)
    refused += [put(owner, name) for name in ("infra/other", "infra/other?dry_run=true")]
    assert {(each.status, each.json["code"]) for each in refused} == {(409, "limit_reached")}
    for name in ("infra/hook?dry_run=true&after=1", "infra/hook"):
        assert put(owner, name, {"stringData": {"github": "new"}}).json["change"] == "changed"


def test_one_that_cannot_be_unsealed_is_listed_and_can_be_replaced_or_deleted(
    owner: Owner, redis_url: str
) -> None:
    put(owner)
    put(owner, "infra/other")
    other = Sealer(KeyRing({b"0002": bytes(32)}, b"0002"), bytes)
    with door.serving(door.application(replace(door.context_of(redis_url), sealer=other))) as address:
        elsewhere = Owner(address, owner.token)
        found = elsewhere.ask("GET", "/secrets").json["secrets"]
        assert [(each["type"], each["keys"]) for each in found] == [(None, None)] * 2
        assert put(elsewhere).json["change"] == "changed"
        assert elsewhere.ask("DELETE", "/secrets/infra/other").status == 204
        assert elsewhere.ask("GET", "/secrets/infra/hook").json["type"] == "Opaque"
