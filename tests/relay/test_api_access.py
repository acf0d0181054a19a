"""Who may see what: the access matrix over every route of the control API, compared byte by byte."""

import re
from pathlib import Path

import pytest
from starlette.routing import BaseRoute, Mount, Route

from domain.ids import delivery_id, new_id
from relay.server.api import api_routes
from relay.server.api.resource import Published, Resource
from store import decisions, events
from store.connect import SyncStore
from store.decisions import Decision
from store.events import Candidate
from tests.owner_door import Owner, ended_tokens, new_gateway
from tests.redis_contents import contents
from tests.world import HOUR_MS, LIMITS, START_MS

NEW_WEBHOOK = {"name": "mine", "sender": "github"}
NEW_SUBSCRIPTION = {"name": "mine", "webhooks": ["github"]}
SECRET = {"secret": "hush"}
REPO = {"repo": "https://github.com/o/r"}
KEYS = {"stringData": {"github": "hush"}}
UNKNOWN = {
    "whk": "gothub",
    "sec": "sec_1",
    "sub": "cx",
    "evt": "e2",
    "dlv": "d2",
    "repo": "infra/abc",
    "key": "infra/hoax",
}

# Method and path of every route, with a body where one is needed; what stands in braces is a thing.
ON_THINGS = [
    ("GET", "/webhooks/{whk}", None),
    ("HEAD", "/webhooks/{whk}", None),
    ("PATCH", "/webhooks/{whk}", {"https_only": True, "allow_ips": ["@github"]}),
    ("PATCH", "/webhooks/{whk}", {"allow_ips": ["@nothing"]}),
    ("DELETE", "/webhooks/{whk}", None),
    ("PUT", "/webhooks/{whk}/secret", SECRET),
    ("PUT", "/webhooks/{whk}/secret", {"nonsense": True}),
    ("POST", "/webhooks/{whk}/secrets", {}),
    ("POST", "/webhooks/{whk}/secrets", {**SECRET, "grace_s": 0}),
    ("POST", "/webhooks/{whk}/secrets", {"nonsense": True}),
    ("DELETE", "/webhooks/{whk}/secrets", None),
    ("DELETE", "/webhooks/{whk}/secrets/{sec}", None),
    ("POST", "/webhooks/{whk}/reveal", None),
    ("POST", "/webhooks/{whk}/pull", None),
    ("PATCH", "/webhooks/{whk}", {"parameters": {"scheme": "nonsense"}}),
    ("POST", "/webhooks/{whk}/samples", {"event": "push"}),
    ("POST", "/webhooks/{whk}/samples", {"nonsense": True}),
    ("POST", "/webhooks/{whk}/test", {}),
    ("POST", "/webhooks/{whk}/test", {"nonsense": True}),
    ("POST", "/webhooks/{whk}/examination", None),
    ("GET", "/subscriptions/{sub}", None),
    ("HEAD", "/subscriptions/{sub}", None),
    ("DELETE", "/subscriptions/{sub}", None),
    ("GET", "/events/{evt}", None),
    ("HEAD", "/events/{evt}", None),
    ("POST", "/events/{evt}/retry", None),
    ("POST", "/events/{evt}/examination", None),
    ("GET", "/deliveries/{dlv}", None),
    ("HEAD", "/deliveries/{dlv}", None),
    ("POST", "/deliveries/{dlv}/retry", None),
    ("POST", "/deliveries/{dlv}/discard", None),
    ("GET", "/repos/{repo}", None),
    ("HEAD", "/repos/{repo}", None),
    ("DELETE", "/repos/{repo}", None),
    ("POST", "/repos/{repo}/sync", None),
    ("GET", "/secrets/{key}", None),
    ("HEAD", "/secrets/{key}", None),
    ("DELETE", "/secrets/{key}", None),
]
ON_LISTS = [
    ("GET", "/gateway", None),
    ("GET", "/status", None),
    ("GET", "/audit", None),
    ("GET", "/events?outcome=failed&type=push*", None),
    ("GET", "/deliveries", None),
    ("GET", "/deliveries/count", None),
    ("POST", "/deliveries/retry", {"filter": {}}),
    ("POST", "/deliveries/discard", {"filter": {}}),
    ("GET", "/queues", None),
    ("POST", "/queues/suspend", {"for_s": 60}),
    ("POST", "/queues/resume", None),
    ("GET", "/events", None),
    ("GET", "/webhooks", None),
    ("POST", "/webhooks", NEW_WEBHOOK),
    ("GET", "/networks", None),
    ("POST", "/sign-in-links", None),
    ("POST", "/proofs", None),
    ("POST", "/sign-in-links", None),
    ("GET", "/subscriptions", None),
    ("POST", "/subscriptions", NEW_SUBSCRIPTION),
    ("GET", "/repos", None),
    ("GET", "/repos?namespace=infra&name=app&cursor=a", None),
    ("PUT", "/repos/infra/app", REPO),
    ("PUT", "/repos/infra/app?dry_run=true", REPO),
    ("GET", "/secrets", None),
    ("PUT", "/secrets/infra/hook", KEYS),
    ("PUT", "/secrets/infra/hook?dry_run=true", KEYS),
]
NAMES = {
    "whk": "github",
    "sec": "sec_1",
    "sub": "ci",
    "evt": "evt_1",
    "dlv": "dlv_1",
    "repo": "infra/app",
    "key": "infra/hook",
}
NO_ROUTES = [("GET", "/", None), ("POST", "/nothing", None), ("PATCH", "/webhooks", None)]


@pytest.fixture
def first(address: str, redis_url: str) -> Owner:
    owner = Owner(address, new_gateway(redis_url, "first")[1])
    owner.webhook("github", "github", require_signature=True)
    assert owner.ask("POST", "/subscriptions", {"name": "ci", "webhooks": ["github"]}).status == 201
    assert owner.ask("PUT", "/repos/infra/app", REPO).status == 201
    assert owner.ask("PUT", "/secrets/infra/hook", KEYS).status == 201
    return owner


@pytest.fixture
def second(address: str, redis_url: str) -> Owner:
    return Owner(address, new_gateway(redis_url, "second")[1])


@pytest.fixture
def ended(redis_url: str) -> list[str]:
    """Tokens that opened once: revoked, expired, replaced. The gateway of the last one has another now."""
    return ended_tokens(redis_url)


def event_of(owner: Owner, redis_url: str) -> str:
    """The id of an event that an owner's webhook has accepted and its subscription is to get."""
    webhook = owner.ask("GET", "/webhooks/github").json["id"]
    subscription = owner.ask("GET", "/subscriptions/ci").json["id"]
    gateway = owner.ask("GET", "/gateway").json["id"]
    event = new_id("evt", START_MS, bytes(9))
    candidate = Candidate(event, gateway, webhook, 1, 1000, START_MS, 5, b"sealed body")
    store = SyncStore(redis_url)
    (accepted,) = store.run(events.accept([candidate], LIMITS, new_id("job", START_MS, bytes(9)), START_MS))
    assert accepted.verdict == "accepted"
    decision = Decision(event, "push", "github-sha256", "", "", (subscription,))
    assert store.run(decisions.fan_out([decision], START_MS, HOUR_MS, 0)) == ["fanned_out"]
    store.close()
    return event


def dump(redis_url: str) -> dict[bytes, bytes]:
    store = SyncStore(redis_url)
    found = contents(store.client.execute_command)
    store.close()
    return found


def test_the_matrix_has_every_route() -> None:
    (mount,) = api_routes()
    assert isinstance(mount, Mount)
    known = {(method, _route(path)) for method, path, _ in (*ON_THINGS, *ON_LISTS)}
    assert {pair for route in mount.routes for pair in _methods(route)} - known <= {
        ("HEAD", "/gateway"),
        ("HEAD", "/queues"),
        ("HEAD", "/status"),
        ("HEAD", "/audit"),
        ("HEAD", "/deliveries"),
        ("HEAD", "/deliveries/count"),
        ("HEAD", "/events"),
        ("HEAD", "/webhooks"),
        ("HEAD", "/networks"),
        ("HEAD", "/subscriptions"),
        ("HEAD", "/repos"),
        ("HEAD", "/secrets"),
    }


def _route(path: str) -> str:
    path = path.partition("?")[0].replace("{sec}", "{secret}")
    path = re.sub("{repo}|{key}|infra/app|infra/hook", "{namespace}/{name}", path)
    return re.sub("{whk}|{sub}|{evt}|{dlv}", "{wanted}", path)


def test_the_reference_has_every_route() -> None:
    (mount,) = api_routes()
    assert isinstance(mount, Mount)
    reference = Path(__file__).parents[2].joinpath("docs/api.md").read_text()
    routes = {pair for route in mount.routes for pair in _methods(route) if pair[0] != "HEAD"}
    assert {(method, path) for method, path in routes if f"`{method} {path}`" not in reference} == set()


def test_nothing_but_the_description_of_the_api_is_shown_to_everybody(first: Owner, second: Owner) -> None:
    (mount,) = api_routes()
    assert isinstance(mount, Mount)
    routes = [route for route in mount.routes if isinstance(route, Route)]
    assert [route.path for route in routes if isinstance(route.endpoint, Published)] == ["/openapi.json"]
    answers = [Owner(first.address, token).ask("GET", "/openapi.json") for token in (None, "x", second.token)]
    assert answers[0].status == 200
    assert len({repr(answer.identity) for answer in answers}) == 1


def _methods(route: BaseRoute) -> list[tuple[str, str]]:
    assert isinstance(route, Route)
    if isinstance(route.endpoint, Published):
        return []  # to everybody, whatever token they bring
    assert isinstance(route.endpoint, Resource)
    return [(method, route.path) for method in route.endpoint.methods]


@pytest.mark.parametrize(("method", "path", "body"), [*ON_THINGS, *ON_LISTS, *NO_ROUTES])
def test_without_a_good_token_every_route_answers_the_same(
    first: Owner, ended: list[str], redis_url: str, method: str, path: str, body: object
) -> None:
    path = path.format(**NAMES)
    before = dump(redis_url)
    strangers = [None, "fleet_" + "A" * 43, "x", "x" * 10_000, *ended]
    answers = [Owner(first.address, token).ask(method, path, body) for token in strangers]
    assert answers[0].status == 401
    assert answers[0].headers["www-authenticate"] == "Bearer"
    assert {repr(answer.identity) for answer in answers} == {repr(answers[0].identity)}
    assert dump(redis_url) == before


@pytest.mark.parametrize(("method", "path", "body"), ON_THINGS)
def test_what_is_foreign_answers_like_what_is_unknown(
    first: Owner, second: Owner, redis_url: str, method: str, path: str, body: object
) -> None:
    webhook = first.ask("GET", "/webhooks/github").json
    ids = {
        "whk": webhook["id"],
        "sec": webhook["secrets"][0]["id"],
        "sub": first.ask("GET", "/subscriptions/ci").json["id"],
        "evt": (event := event_of(first, redis_url)),
        "dlv": delivery_id(event, first.ask("GET", "/subscriptions/ci").json["id"]),
        "repo": "infra/app",
        "key": "infra/hook",
    }
    before = dump(redis_url)
    for foreign, unknown in (
        ({**NAMES, "sec": ids["sec"], "evt": "e1", "dlv": "d1"}, UNKNOWN),
        (ids, {kind: thing[:-1] + ("0" if thing[-1] != "0" else "1") for kind, thing in ids.items()}),
    ):
        one = second.ask(method, path.format(**foreign), body)
        two = second.ask(method, path.format(**unknown), body)
        assert one.status == two.status == 404
        # The names asked for are repeated, so they are told apart; everything else is the same.
        for kind in foreign:
            assert len(one.raw) == len(two.raw)
            two = _renamed(two, unknown[kind], foreign[kind])
        assert one.identity == two.identity
    assert dump(redis_url) == before


def _renamed(answer, old: str, new: str):
    return type(answer)(answer.status, answer.headers, answer.raw.replace(old.encode(), new.encode()))


def test_the_same_question_is_answered_alike_before_and_after_the_thing_exists_elsewhere(
    address: str, redis_url: str
) -> None:
    second = Owner(address, new_gateway(redis_url, "second")[1])
    questions = [(method, path.format(**NAMES), body) for method, path, body in ON_THINGS]
    questions.append(("POST", "/subscriptions", {"name": "mine", "webhooks": ["github"]}))
    questions.append(("PUT", "/repos/infra/app?dry_run=true", REPO))
    questions.append(("PUT", "/secrets/infra/hook?dry_run=true", KEYS))
    before = [second.ask(*question).identity for question in questions]
    first = Owner(address, new_gateway(redis_url, "first")[1])
    first.webhook("github", "github")
    first.ask("POST", "/subscriptions", {"name": "ci", "webhooks": ["github"]})
    first.ask("PUT", "/repos/infra/app", REPO)
    first.ask("PUT", "/secrets/infra/hook", KEYS)
    assert [second.ask(*question).identity for question in questions] == before


def test_a_foreign_webhook_cannot_be_subscribed_to(first: Owner, second: Owner, redis_url: str) -> None:
    webhook = first.ask("GET", "/webhooks/github").json["id"]
    before = dump(redis_url)
    answer = second.ask("POST", "/subscriptions", {"name": "spy", "webhooks": [webhook]})
    assert answer.status == 422
    assert answer.json["detail"] == f"There is no webhook {webhook!r} in this gateway."
    assert dump(redis_url) == before


def test_lists_hold_what_is_ones_own(first: Owner, second: Owner) -> None:
    second.webhook("github", "slack")
    assert [each["sender"] for each in first.ask("GET", "/webhooks").json["webhooks"]] == ["github", "git"]
    assert [each["sender"] for each in second.ask("GET", "/webhooks").json["webhooks"]] == ["slack"]
    assert second.ask("GET", "/subscriptions").json == {"subscriptions": [], "next": None}
    assert second.ask("GET", "/repos").json == {"repos": [], "next": None, "receiver": None}
    assert second.ask("GET", "/secrets").json == {"secrets": [], "next": None}


def test_a_repo_never_uses_the_secret_of_another_gateway(first: Owner, second: Owner) -> None:
    made = second.ask("PUT", "/repos/infra/app", {**REPO, "webhookSecret": "hook"}).json
    assert made["pushes"] == "refused: there is no Secret infra/hook"
    assert made["receiver"] != first.ask("GET", "/repos").json["receiver"]


def test_the_latest_events_are_listed_to_their_owner_only(
    first: Owner, second: Owner, redis_url: str
) -> None:
    event = event_of(first, redis_url)
    assert [each["id"] for each in first.ask("GET", "/events").json["events"]][:1] == [event]
    assert second.ask("GET", "/events").json == {"events": [], "next": None, "looked_back_to": None}


def test_an_owner_sees_the_story_of_an_event(first: Owner, redis_url: str) -> None:
    event = event_of(first, redis_url)
    answer = first.ask("GET", f"/events/{event}")
    assert answer.status == 200
    assert (answer.json["id"], answer.json["state"], answer.json["type"]) == (event, "fanned_out", "push")
    assert [each["state"] for each in answer.json["deliveries"]] == ["queued"]


def test_an_unknown_path_and_a_wrong_method_are_problems_too(first: Owner) -> None:
    nothing = first.ask("GET", "/nothing")
    assert (nothing.status, nothing.json["code"]) == (404, "no_such_resource")
    wrong = first.ask("PATCH", "/webhooks")
    assert (wrong.status, wrong.json["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "GET, HEAD, POST"
