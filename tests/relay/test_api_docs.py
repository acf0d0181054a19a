"""The page of the control API names its routes, refusals, fields and answers as they are."""

import re

from starlette.routing import Mount, Route

from domain.canary import Report
from domain.git.repo import RepoSpec
from domain.named import SHIPPED
from domain.passed_over import Because, PassedOver
from domain.secret import SigningSecret
from domain.subscription import Subscription
from domain.vault import Vault
from domain.webhook import Webhook
from relay.server.api import (
    PREFIX,
    api_routes,
    canary_views,
    event_views,
    machinery_views,
    repo_views,
    status_views,
    views,
)
from relay.server.api.inputs import (
    BulkChange,
    NewSample,
    NewSecret,
    NewSubscription,
    NewTest,
    NewWebhook,
    Pause,
    Rotation,
    WebhookChange,
)
from store.activity import Chart, Minute
from store.memory import RedisFacts
from store.queues import Machinery, QueueFacts, Suspension, WorkerFacts
from store.rates import Rate
from store.repo_secrets import SecretData
from store.repo_status import RepoStatus
from store.repos import StoredRepo
from store.standing import Standing
from store.stories import AttemptStory, DeliveryStory, Story
from store.streams import Backlog
from store.tunnels import LastTunnel, TunnelFacts
from store.webhooks import StoredWebhook
from tests.documents import ROOT, codes, examples, first_codes, table


def test_every_route_of_the_control_api_is_told() -> None:
    [mount] = [route for route in api_routes() if isinstance(route, Mount)]
    assert mount.path == PREFIX
    routes = [route for route in mount.routes if isinstance(route, Route)]
    real = {
        f"{method} {route.path}"
        for route in routes
        for method in getattr(route.endpoint, "methods")  # noqa: B009 - ours, unknown to Starlette's types
        if method != "HEAD"
    }
    assert set(first_codes(table("docs/api.md", "| request | answer | meaning |"))) == real


def test_every_refusal_of_the_control_api_is_told() -> None:
    source = "".join(file.read_text() for file in sorted((ROOT / "relay/server/api").glob("*.py")))
    real = set(re.findall(r'HTTPStatus\.\w+,\s*"([a-z_]+)"', source))
    rows = table("docs/api.md", "| status | `code` | meaning |")
    told = [codes(row[1])[0] for row in rows]
    assert len(real) > 10
    assert sorted(told) == sorted(real)


def test_every_field_of_the_control_api_is_told() -> None:
    for number, model in enumerate(
        (
            NewWebhook,
            WebhookChange,
            NewSecret,
            Rotation,
            NewSample,
            NewTest,
            NewSubscription,
            BulkChange,
            Pause,
        )
    ):
        rows = table("docs/api.md", "| field | default | meaning |", number)
        assert [codes(row[0])[0] for row in rows] == list(model.model_fields)
        for row, field in zip(rows, model.model_fields.values(), strict=True):
            assert (row[1] == "required") == field.is_required()


TRIED = AttemptStory(1, "retry", "500", 1, 1)
DELIVERY = DeliveryStory("dlv", "evt", "sub", "sent", 1, 1, "", 1, 1, 1, 0, (TRIED,))
STORY = Story(
    *("evt", "whk", "waiting", "", "", "", "", "", "", None, 1, 1, 1, 1, (DELIVERY,)),
    passed_over=(PassedOver("sub", Because.EVENT_TYPE, ("push",)),),
    is_test=False,
    left_home=False,
    has_body=True,
)
STILL = Suspension(is_on=False, ends_in_ms=None)
WORKER = WorkerFacts("w", "events", "busy", "", 1, "h", 1, 1, 1, 0, 0)
MACHINERY = Machinery(
    (QueueFacts("q", 0, 1, 0, 0),), (WORKER,), has_sweeper=True, suspension=STILL, waiting=0, retrying=0
)
CHART = Chart((Minute(1),), (Minute(1),))
STANDING = Standing({}, 0, 0, None, None, (Backlog("sub", "app", 0, 0, 1),), CHART, STILL, ())


def shape(value: object) -> object:
    """The names of all fields, at every depth."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return [shape(each) for each in value[:1]] if isinstance(value, list) else None


def test_the_examples_of_the_control_api_have_the_real_fields() -> None:
    webhook = Webhook("whk", "gw", "hook", "", "github", True, 1, 1, 1)  # noqa: FBT003 - an example
    subscription = Subscription("sub", "gw", "app", (), (), 30, 1)
    made, _sample, _test, listed, subscribed, watched, kept, told, standing, served, link, refusal = examples(
        "docs/api.md"
    )
    once = {"secret", "next_step"}
    vault = Vault((SigningSecret("sec", b"", 1),))
    assert link.keys() == {"url", "expires_at"}
    shown = views.of_webhook(
        StoredWebhook(webhook, b"", b""), "", vault, views.Traffic({}, Rate(0, 0), {}), 1
    )
    assert made.keys() - once == shown.keys()
    [[of_secret], [real]] = made["secrets"], shown["secrets"]
    assert of_secret.keys() == real.keys()
    assert listed == {"networks": [views.of_list(SHIPPED["github"])]}
    assert subscribed.keys() == views.of_subscription(subscription, {}).keys()
    repo = StoredRepo("rep", "gw", "a/b", 1, 1, b"", RepoStatus())
    of_repo = repo_views.of_repo(repo, RepoSpec("https://git.example/x"), 1, {})
    assert watched.keys() - {"receiver"} == of_repo.keys()
    for part in ("status", "secrets"):
        assert watched[part].keys() == of_repo[part].keys()
    assert kept.keys() == repo_views.of_secret("a/b", SecretData("", {})).keys()
    assert shape(told) == shape(event_views.of_story(STORY, {}, 1))
    assert shape(served) == shape(machinery_views.of_machinery(MACHINERY, RedisFacts("8", 1, 2), 1))
    gateway = {"id": "gw", "name": "home", "is_operator": True}
    view = status_views.of_standing(STANDING)
    told_of_tunnels = {
        "tunnels": [status_views.of_tunnel(TunnelFacts("t", "n", "a", "v", 1, 1, 1.5, ("app",)))],
        "last_tunnel": status_views.of_last_tunnel(LastTunnel("t", "n", "a", "v", 1, 1)),
    }
    assert shape(standing) == shape(
        {
            "gateway": gateway,
            "now": "",
            **told_of_tunnels,
            **view,
            "canary": canary_views.of_report(Report(1, 60, None, None, 1, 5.0), 1),
            "server": None,
        }
    )
    assert {"type", "title", "status", "code", "detail"} == refusal.keys()


def test_what_becomes_of_pushes_and_the_conditions_of_repos_are_told() -> None:
    source = "".join((ROOT / f"relay/server/api/{name}.py").read_text() for name in ("pushes", "repo_views"))
    kinds = set(re.findall(r'_condition\(\s*"(\w+)"', source))
    assert set(first_codes(table("docs/api.md", "| condition | meaning |"))) == kinds
    told = first_codes(table("docs/api.md", "| `pushes` | meaning |"))
    assert all(f'"{each.removesuffix("...")}' in source for each in told)


def test_every_field_of_what_a_repo_stands_at_is_told() -> None:
    repo = StoredRepo("rep", "gw", "a/b", 1, 1, b"", RepoStatus())
    status = repo_views.of_repo(repo, None, None, {})["status"]
    assert isinstance(status, dict)
    rows = table("docs/api.md", "| field of `status` | meaning |")
    assert {code for row in rows for code in codes(row[0])} == set(status)
