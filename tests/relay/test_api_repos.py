"""Repos over the control API: a real server, a real Redis. What workers would find is recorded as they do."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from relay.server.api.manifests import MAX_BYTES
from store import limits
from store.connect import SyncStore
from store.sealing import KeyRing, Sealer
from tests import owner_door as door
from tests.git_polls import AWAY, FIRST, SECOND, found, pushed
from tests.owner_door import PUBLIC_URL, Owner, new_gateway
from tests.redis_contents import contents

URL = "https://github.com/o/r"
HOOK = "cattle-fleet-system/gitjob-webhook"
PASSWORD = "correct-horse"


@pytest.fixture
def owner(address: str, redis_url: str) -> Owner:
    return Owner(address, new_gateway(redis_url, "home")[1])


def put(owner: Owner, name: str = "infra/app", **spec: object) -> Any:
    answer = owner.ask("PUT", f"/repos/{name}", {"repo": URL, **spec})
    assert answer.status in {200, 201}, answer.raw
    return answer.json


def secret(owner: Owner, name: str, **values: str) -> None:
    assert owner.ask("PUT", f"/secrets/{name}", {"stringData": values}).status in {200, 201}


def names(answer: Any) -> list[str]:
    return [each["name"] for each in answer["repos"]]


def dump(redis_url: str) -> dict[bytes, bytes]:
    store = SyncStore(redis_url)
    there = contents(store.client.execute_command)
    store.close()
    return there


def gateway_limits(redis_url: str, **most: str) -> None:
    store = SyncStore(redis_url)
    store.run(limits.change("home", most))
    store.close()


# --- described


def test_a_repo_is_made_changed_and_left_alone(owner: Owner) -> None:
    made = owner.ask("PUT", "/repos/infra/app", {"repo": URL, "branch": "main", "targets": []})
    assert (made.status, made.headers["location"]) == (201, "/api/v1/repos/infra/app")
    assert (made.json["change"], made.json["ignored"]) == ("created", ["spec.targets"])
    assert made.json["spec"] == {"repo": URL, "branch": "main"}
    same = owner.ask("PUT", "/repos/infra/app", {"repo": URL, "branch": "main"})
    assert (same.status, same.json["change"], same.json["ignored"]) == (200, "unchanged", [])
    changed = put(owner, branch="next", pollingInterval="1h30m")
    assert (changed["change"], changed["id"]) == ("changed", made.json["id"])
    assert changed["spec"] == {"repo": URL, "branch": "next", "pollingInterval": "1h30m"}
    assert changed["status"]["interval"] == "1h30m"
    shown = owner.ask("GET", "/repos/infra/app").json
    assert shown.keys() == changed.keys() - {"change", "ignored"}
    # It waits to be polled, which is due now, and now again.
    assert all(shown[name] == changed[name] for name in shown if name != "status")


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        ("/repos/infra/app", b'{"spec": {"repo": "https://a.example/r", "repo": "https://b.example/r"}}'),
        ("/repos/infra/app", b'{"spec": {"repo": "https://a.example/r", "targets": [{"a": 1, "a": 1}]}}'),
        ("/secrets/infra/hook", b'{"stringData": {"github": "one", "github": "two"}}'),
    ],
)
def test_what_is_said_twice_is_refused(owner: Owner, path: str, raw: bytes) -> None:
    answer = owner.ask("PUT", path, raw=raw)
    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
    assert "for the second time" in answer.json["detail"]
    assert owner.ask("GET", path).status == 404


def test_a_whole_resource_is_taken_as_rancher_fleet_has_it(owner: Owner) -> None:
    resource = {
        "apiVersion": "fleet.cattle.io/v1alpha1",
        "kind": "GitRepo",
        "metadata": {"name": "app", "namespace": "infra", "labels": {"a": "b"}},
        "spec": {"repo": URL, "paths": ["simple"], "targets": [{"clusterSelector": {}}]},
    }
    made = owner.ask("PUT", "/repos/infra/app", resource)
    assert (made.status, made.json["name"]) == (201, "infra/app")
    assert made.json["spec"] == {"repo": URL, "paths": ["simple"]}
    assert set(made.json["ignored"]) == {"metadata.labels", "spec.targets"}


def test_what_is_shown_can_be_sent_again(owner: Owner) -> None:
    put(owner, branch="main", paths=["a"], disablePolling=True)
    shown = owner.ask("GET", "/repos/infra/app").json
    again = owner.ask("PUT", "/repos/infra/app", {"kind": "GitRepo", **shown})
    assert (again.status, again.json["change"]) == (200, "unchanged")


@pytest.mark.parametrize(
    ("body", "field", "sentence"),
    [
        ({}, "spec.repo", "spec.repo is missing."),
        ({"repo": "nonsense"}, "spec.repo", "spec.repo: "),
        ({"repo": URL, "branch": 5}, "spec.branch", "put it in quotes"),
        ({"repo": URL, "pollingInterval": "soon"}, "spec.pollingInterval", "15s, 1h30m or 24h"),
        ({"metadata": {"name": "other"}, "spec": {"repo": URL}}, "metadata.name", "'infra/other'"),
        ({"metadata": {"namespace": "x", "name": "app"}, "spec": {"repo": URL}}, "metadata.name", "'x/app'"),
        ({"apiVersion": "v1", "kind": "Secret"}, "kind", "a Secret goes to /secrets/NAMESPACE/NAME"),
        ({"kind": "Deployment", "spec": {}}, "kind", "GitRepo or Secret"),
        ([], "", "one JSON object"),
        (5, "", "one JSON object"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_made(
    owner: Owner, body: object, field: str, sentence: str
) -> None:
    answer = owner.ask("PUT", "/repos/infra/app", body)
    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
    assert [each["field"] for each in answer.json["errors"]] == [field]
    assert sentence in answer.json["detail"]
    assert owner.ask("GET", "/webhooks").json == {"webhooks": [], "next": None}


@pytest.mark.parametrize("name", ["Infra/app", "infra/-app", "infra/a_b", "in.fra/app"])
def test_a_name_is_one_of_kubernetes(owner: Owner, name: str) -> None:
    answer = owner.ask("PUT", f"/repos/{name}", {"repo": URL})
    assert answer.status == 422
    assert "cannot be a name" in answer.json["detail"]


def test_a_large_resource_is_taken_and_a_huge_one_is_not(owner: Owner) -> None:
    big = owner.ask("PUT", "/repos/infra/app", {"repo": URL, "targets": ["x" * 100_000]})
    assert (big.status, big.json["ignored"]) == (201, ["spec.targets"])
    too_much = {"Content-Length": str(MAX_BYTES + 1)}
    huge = owner.ask("PUT", "/repos/infra/app", raw=b"{", headers=too_much)
    assert (huge.status, huge.json["code"]) == (413, "body_too_large")
    assert str(MAX_BYTES) in huge.json["detail"]


def test_a_password_in_the_url_is_never_shown_and_lies_nowhere_readable(owner: Owner, redis_url: str) -> None:
    made = put(owner, repo=f"https://bot:{PASSWORD}@git.example/o/r")
    assert made["spec"]["repo"] == "https://git.example/o/r"
    for path in ("/repos", "/repos/infra/app"):
        assert PASSWORD not in owner.ask("GET", path).raw.decode()
    assert not any(PASSWORD.encode() in value for value in dump(redis_url).values())
    assert put(owner, repo=f"https://bot:{PASSWORD}@git.example/o/r")["change"] == "unchanged"
    assert put(owner, repo="https://bot:other@git.example/o/r")["change"] == "changed"


def test_more_than_the_limit_is_a_conflict(owner: Owner, redis_url: str) -> None:
    gateway_limits(redis_url, repos="1")
    put(owner)
    assert put(owner, branch="next")["change"] == "changed"
    refused = owner.ask("PUT", "/repos/infra/web", {"repo": URL})
    assert (refused.status, refused.json["code"]) == (409, "limit_reached")
    assert "may have 1 repos" in refused.json["detail"]
    assert owner.ask("GET", "/gateway").json["use"]["repos"] == 1


def test_changes_at_the_same_time_make_one_repo_and_none_is_refused(owner: Owner) -> None:
    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(lambda number: put(owner, branch=f"b{number}"), range(8)))
    assert [each["change"] for each in answers].count("created") == 1
    assert len({each["id"] for each in answers}) == 1
    assert names(owner.ask("GET", "/repos").json) == ["infra/app"]


# --- the Git receiver


def test_the_first_repo_makes_the_webhook_for_git(owner: Owner) -> None:
    assert owner.ask("GET", "/repos").json == {"repos": [], "next": None, "receiver": None}
    receiver = put(owner)["receiver"]
    [webhook] = owner.ask("GET", "/webhooks").json["webhooks"]
    assert (webhook["name"], webhook["sender"]) == ("git", "git")
    assert receiver == {"id": webhook["id"], "name": "git", "url": webhook["url"]}
    assert receiver["url"].startswith(f"{PUBLIC_URL}/t/")
    assert put(owner, "infra/web")["receiver"] == receiver
    assert owner.ask("GET", "/repos").json["receiver"] == receiver
    assert len(owner.ask("GET", "/webhooks").json["webhooks"]) == 1


def test_one_that_was_made_before_is_used_and_one_that_was_deleted_is_made_again(owner: Owner) -> None:
    owner.webhook("pushes", "git")
    assert put(owner)["receiver"]["name"] == "pushes"
    assert owner.ask("DELETE", "/webhooks/pushes").status == 204
    assert owner.ask("GET", "/repos/infra/app").json["receiver"] is None
    assert put(owner)["receiver"]["name"] == "git"


def test_when_its_name_is_taken_the_owner_is_told_what_to_do(owner: Owner) -> None:
    owner.webhook("git", "github")
    refused = owner.ask("PUT", "/repos/infra/app", {"repo": URL})
    assert (refused.status, refused.json["code"]) == (409, "name_taken")
    assert "'fleet webhooks create NAME --sender git'" in refused.json["detail"]
    assert owner.ask("GET", "/repos").json["repos"] == []
    owner.webhook("pushes", "git")
    assert put(owner)["receiver"]["name"] == "pushes"


def test_first_repos_at_the_same_time_share_one_webhook(owner: Owner) -> None:
    with ThreadPoolExecutor(8) as people:
        made = list(people.map(lambda number: put(owner, f"infra/app{number}"), range(8)))
    assert len({each["receiver"]["id"] for each in made}) == 1
    assert len(owner.ask("GET", "/webhooks").json["webhooks"]) == 1


def test_a_dry_run_says_what_would_be_and_changes_nothing(owner: Owner, redis_url: str) -> None:
    before = dump(redis_url)
    would = owner.ask("PUT", "/repos/infra/app?dry_run=true", {"repo": URL, "targets": []})
    assert (would.status, would.json) == (
        200,
        {"name": "infra/app", "change": "created", "ignored": ["spec.targets"], "receiver": None},
    )
    assert dump(redis_url) == before
    receiver = put(owner)["receiver"]
    before = dump(redis_url)
    for branch, change in (("", "unchanged"), ("next", "changed")):
        would = owner.ask("PUT", "/repos/infra/app?dry_run=true", {"repo": URL, "branch": branch})
        assert (would.json["change"], would.json["receiver"]) == (change, receiver)
    assert dump(redis_url) == before


def test_a_dry_run_refuses_what_there_is_no_room_for(owner: Owner, redis_url: str) -> None:
    gateway_limits(redis_url, repos="2")
    put(owner)
    rehearsed = "/repos/infra/web?dry_run=true"
    assert owner.ask("PUT", rehearsed, {"repo": URL}).json["change"] == "created"
    would = owner.ask("PUT", f"{rehearsed}&after=1", {"repo": URL})
    put(owner, "infra/other")
    assert (would.status, would.json["code"]) == (409, "limit_reached")
    assert would.json == owner.ask("PUT", rehearsed, {"repo": URL}).json
    assert would.json == owner.ask("PUT", "/repos/infra/web", {"repo": URL}).json
    # What is there needs no room.
    changed = owner.ask("PUT", "/repos/infra/app?dry_run=true&after=9", {"repo": URL, "branch": "next"})
    assert changed.json["change"] == "changed"


@pytest.mark.parametrize("number", ["", "-1", "1e2", "x", "9" * 5000, "%D9%A1", "1000001"])
@pytest.mark.parametrize("path", ["/repos/infra/app", "/secrets/infra/app"])
def test_what_would_be_made_before_is_a_number(owner: Owner, path: str, number: str) -> None:
    body = {"repo": URL} if "repos" in path else {}
    answer = owner.ask("PUT", f"{path}?dry_run=true&after={number}", body)
    assert (answer.status, answer.json["detail"]) == (422, "'after' is a whole number from 0 to 1000000.")


@pytest.mark.parametrize("path", ["/repos/infra/app", "/secrets/infra/app"])
def test_a_slip_in_dry_run_changes_nothing(owner: Owner, redis_url: str, path: str) -> None:
    before = dump(redis_url)
    answer = owner.ask("PUT", f"{path}?dry_run=1", {"repo": URL} if "repos" in path else {})
    assert (answer.status, answer.json["detail"]) == (422, "'dry_run' is true or false.")
    assert dump(redis_url) == before


# --- listed, deleted, polled


def test_a_list_comes_in_pages_in_the_order_of_names(owner: Owner) -> None:
    every = [f"{namespace}/{name}" for namespace in ("a", "b") for name in ("app", "db", "web")]
    for name in reversed(every):
        put(owner, name)
    assert names(owner.ask("GET", "/repos").json) == every
    first = owner.ask("GET", "/repos?limit=4").json
    assert (names(first), first["next"]) == (every[:4], "b/app")
    owner.ask("DELETE", "/repos/b/app")
    second = owner.ask("GET", "/repos?limit=4&cursor=b%2Fapp").json
    assert (names(second), second["next"]) == (every[4:], None)
    for query, wanted in (
        ("namespace=a", every[:3]),
        ("name=web", ["a/web", "b/web"]),
        ("namespace=b&name=db", ["b/db"]),
        ("name=we", []),
        ("limit=5", [each for each in every if each != "b/app"]),
    ):
        assert names(owner.ask("GET", f"/repos?{query}").json) == wanted
    assert owner.ask("GET", "/repos?limit=5").json["next"] is None


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "", "1e2", "9" * 5000, "%D9%A1"])
def test_a_page_has_a_bounded_size(owner: Owner, limit: str) -> None:
    answer = owner.ask("GET", f"/repos?limit={limit}")
    assert (answer.status, answer.json["detail"]) == (422, "'limit' is a whole number from 1 to 200.")


def test_a_deleted_repo_is_gone(owner: Owner) -> None:
    put(owner)
    assert owner.ask("DELETE", "/repos/infra/app").status == 204
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/sync")):
        gone = owner.ask(method, f"/repos/infra/app{path}")
        assert (gone.status, gone.json["code"]) == (404, "not_found")
        assert gone.json["detail"] == "There is no repo 'infra/app' in this gateway."
    assert len(owner.ask("GET", "/webhooks").json["webhooks"]) == 1


def test_a_repo_is_polled_at_once_and_when_it_is_asked_for(owner: Owner, redis_url: str) -> None:
    made = put(owner, pollingInterval="24h")
    assert made["status"]["nextPollingTime"] >= made["created_at"]
    assert found(redis_url, made["id"], FIRST) == "announced"
    tomorrow = owner.ask("GET", "/repos/infra/app").json["status"]["nextPollingTime"]
    asked = owner.ask("POST", "/repos/infra/app/sync")
    assert asked.status == 202
    assert asked.json["name"] == "infra/app"
    assert made["status"]["nextPollingTime"] <= asked.json["status"]["nextPollingTime"] < tomorrow
    assert found(redis_url, made["id"], FIRST) == "seen"


# --- what it stands at


def test_a_new_repo_stands_at_nothing(owner: Owner) -> None:
    status = put(owner)["status"]
    told = {name for name, value in status.items() if value is not None}
    assert told == {"nextPollingTime", "interval", "conditions"}
    assert status["interval"] == "15s"
    [polling] = status["conditions"]
    assert polling == {"type": "GitPolling", "status": "Unknown", "message": "It was not polled yet."}


def test_what_was_found_and_announced_is_told(owner: Owner, redis_url: str) -> None:
    made = put(owner)
    assert found(redis_url, made["id"], FIRST, "trunk") == "announced"
    status = owner.ask("GET", "/repos/infra/app").json["status"]
    assert (status["commit"], status["pollingCommit"], status["source"]) == (FIRST, FIRST, "polling")
    assert status["branch"] == "trunk"
    assert made["created_at"] <= status["commitAt"] == status["lastPollingTime"]
    assert status["nextPollingTime"] > status["lastPollingTime"]
    assert status["conditions"] == [{"type": "GitPolling", "status": "True", "message": ""}]


def test_a_failed_poll_keeps_the_commit_and_says_why(owner: Owner, redis_url: str) -> None:
    made = put(owner)
    found(redis_url, made["id"], FIRST)
    owner.ask("POST", "/repos/infra/app/sync")
    assert found(redis_url, made["id"], AWAY) == "failed"
    status = owner.ask("GET", "/repos").json["repos"][0]["status"]
    assert status["commit"] == FIRST
    assert status["conditions"] == [{"type": "GitPolling", "status": "False", "message": AWAY.sentence}]


def test_a_repo_that_fails_is_polled_when_it_is_put_again(owner: Owner, redis_url: str) -> None:
    made = put(owner)
    found(redis_url, made["id"], AWAY)
    assert put(owner)["change"] == "unchanged"
    assert found(redis_url, made["id"], FIRST) == "announced"


def test_a_push_is_told_and_makes_polling_seldom(owner: Owner, redis_url: str) -> None:
    made = put(owner)
    gateway = owner.ask("GET", "/gateway").json["id"]
    found(redis_url, made["id"], FIRST)
    pushed(redis_url, gateway, made["id"], SECOND)
    found(redis_url, made["id"], SECOND)
    status = owner.ask("GET", "/repos/infra/app").json["status"]
    assert (status["webhookCommit"], status["commit"], status["source"]) == (SECOND, SECOND, "webhook")
    assert status["lastWebhookTime"] is not None
    assert status["interval"] == "1h"


@pytest.mark.parametrize(
    ("warning", "kind", "words"),
    [
        ("not_visible", "WebhookCommitNotVisible", "which the server did not show within 30 seconds"),
        ("no_receiver", "CommitNotAnnounced", "'fleet webhooks create git --sender git'"),
        ("paused", "CommitNotAnnounced", "the webhook for Git is paused"),
        ("stored_mib", "CommitNotAnnounced", "the limit stored_mib is reached"),
    ],
)
def test_what_keeps_a_commit_back_is_a_condition(
    owner: Owner, redis_url: str, warning: str, kind: str, words: str
) -> None:
    made = put(owner)
    store = SyncStore(redis_url)
    store.client.hset(f"fleet:repo:{made['id']}", "warning", warning)
    store.close()
    _, condition = owner.ask("GET", "/repos/infra/app").json["status"]["conditions"]
    assert (condition["type"], condition["status"]) == (kind, "True")
    assert words in condition["message"]


def test_without_a_receiver_a_commit_waits_and_the_owner_is_told(owner: Owner, redis_url: str) -> None:
    made = put(owner)
    owner.ask("DELETE", "/webhooks/git")
    assert found(redis_url, made["id"], FIRST) == "no_receiver"
    status = owner.ask("GET", "/repos/infra/app").json["status"]
    assert status["commit"] is None
    assert status["conditions"][1]["type"] == "CommitNotAnnounced"


def test_a_repo_that_is_not_polled_says_so(owner: Owner, redis_url: str) -> None:
    made = put(owner, disablePolling=True)
    assert "disablePolling" in made["status"]["conditions"][0]["message"]
    found(redis_url, made["id"], FIRST)
    assert owner.ask("GET", "/repos/infra/app").json["status"]["nextPollingTime"] is None


# --- its Secrets


@pytest.mark.parametrize(
    ("spec", "secrets", "told", "missing"),
    [
        ({}, {}, "refused: no secret", ["github"]),
        ({"allowUnauthenticated": True}, {}, "believed without a check", ["github"]),
        ({}, {HOOK: {"github": "x"}}, "checked", []),
        ({"allowUnauthenticated": True}, {HOOK: {"github": "x"}}, "checked", []),
        ({}, {HOOK: {"gitlab": "x"}}, f"refused: the Secret {HOOK} lacks github", ["github"]),
        ({}, {HOOK: {"github": ""}}, f"refused: the Secret {HOOK} lacks github", ["github"]),
        (
            {"webhookSecret": "hook"},
            {HOOK: {"github": "x"}},
            "refused: there is no Secret infra/hook",
            ["github"],
        ),
        ({"webhookSecret": "hook"}, {"infra/hook": {"github": "x"}}, "checked", []),
        ({"webhookSecret": "hook"}, {"other/hook": {"github": "x"}}, "refused: there is no", ["github"]),
        (
            {"repo": "git@ssh.dev.azure.com:v3/o/p/r"},
            {HOOK: {"azure-username": "x"}},
            f"refused: the Secret {HOOK} lacks azure-password",
            ["azure-password"],
        ),
        ({"repo": "git@bitbucket.org:o/r"}, {HOOK: {"bitbucket-hmac": "x"}}, "checked", []),
        ({"repo": "git@codeberg.org:o/r"}, {HOOK: {"gogs": "x"}}, "checked", []),
        ({"repo": "git@codeberg.org:o/r"}, {}, "refused: no secret", ["gitea"]),
        ({"repo": "https://git.example/o/r"}, {HOOK: {"gitea": "x"}}, "checked", []),
        (
            {"repo": "https://git.example/o/r"},
            {HOOK: {"token": "x"}},
            f"refused: the Secret {HOOK} lacks a",
            [],
        ),
        ({"repo": "file:///srv/r"}, {HOOK: {"github": "x"}}, "refused: no Git host can name", []),
    ],
)
def test_what_becomes_of_pushes_is_told(
    owner: Owner, spec: dict[str, object], secrets: dict[str, dict[str, str]], told: str, missing: list[str]
) -> None:
    for name, values in secrets.items():
        secret(owner, name, **values)
    made = put(owner, **spec)
    assert made["pushes"].startswith(told)
    wanted = "infra/hook" if "webhookSecret" in spec else HOOK
    assert made["secrets"]["webhook"] == {"name": wanted, "exists": wanted in secrets, "missing": missing}


def test_the_secret_that_opens_its_server_is_told(owner: Owner) -> None:
    assert put(owner)["secrets"]["client"] == {"name": "infra/gitcredential", "exists": False}
    secret(owner, "infra/gitcredential", username="u", password="p")
    assert put(owner)["secrets"]["client"]["exists"]
    named = put(owner, clientSecretName="key")["secrets"]["client"]
    assert named == {"name": "infra/key", "exists": False}


# --- when a key is gone


def test_what_cannot_be_unsealed_is_listed_can_be_deleted_and_described_again(
    owner: Owner, redis_url: str
) -> None:
    secret(owner, HOOK, github="x")
    put(owner)
    put(owner, "infra/web")
    other = Sealer(KeyRing({b"0002": bytes(32)}, b"0002"), bytes)
    with door.serving(door.application(replace(door.context_of(redis_url), sealer=other))) as address:
        elsewhere = Owner(address, owner.token)
        answer = elsewhere.ask("GET", "/repos")
        assert [(each["spec"], each["secrets"]) for each in answer.json["repos"]] == [(None, None)] * 2
        assert answer.json["receiver"]["url"] is None
        assert {each["pushes"] for each in answer.json["repos"]} == {"unreadable: its sealing key is gone"}
        assert elsewhere.ask("DELETE", "/repos/infra/web").status == 204
        again = put(elsewhere)
        assert (again["change"], again["spec"]) == ("changed", {"repo": URL})
        assert again["pushes"] == f"refused: the sealing key of the Secret {HOOK} is gone"
        assert again["secrets"]["webhook"] == {"name": HOOK, "exists": True, "missing": []}
