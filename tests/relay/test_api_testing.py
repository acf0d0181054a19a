"""Tests of webhooks over the control API, with a real public door behind it."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from domain.envelope import unpack
from relay.server.ingress_door import IngressDoor
from store.connect import SyncStore
from store.events import mark_test
from store.sealing import Sealer, event_place
from tests.owner_door import RING, Answer, Owner, application, context_of, new_gateway, serving
from tests.public_door import public_door


@dataclass(frozen=True)
class Place:
    """Both doors over one Redis, and an owner."""

    owner: Owner
    gateway: str
    store: SyncStore

    def test(self, name: str = "hook", **wish: object) -> Answer:
        return self.owner.ask("POST", f"/webhooks/{name}/test", wish)

    def kept(self, event: str):
        """What was sent, as it was kept."""
        webhook = self.store.client.hget(f"fleet:event:{event}", "webhook")
        sealed = self.store.client.get(f"fleet:body:{event}")
        assert isinstance(webhook, bytes)
        assert isinstance(sealed, bytes)
        place = event_place(self.gateway, webhook.decode(), event)
        return unpack(Sealer(RING, os.urandom).open(sealed, place))


@contextlib.contextmanager
def doors(redis_url: str) -> Iterator[Place]:
    with public_door(redis_url, ring=RING) as ingress:
        context = replace(context_of(redis_url), ingress=IngressDoor(f"http://127.0.0.1:{ingress.port}"))
        with serving(application(context)) as address:
            gateway, token = new_gateway(redis_url, "home")
            yield Place(Owner(address, token), gateway.id, ingress.store)


@pytest.fixture
def place(redis_url: str) -> Iterator[Place]:
    with doors(redis_url) as both:
        yield both


def test_a_test_is_a_real_event_signed_as_its_sender_would(place: Place) -> None:
    place.owner.webhook("hook", "github", require_signature=True)
    answer = place.test()
    assert answer.status == 201, answer.raw
    sent = answer.json
    assert sent["status"] == 202
    assert sent["answer"] == {"id": sent["event"]}
    assert (sent["type"], sent["signed_by"], sent["trial_key"]) == ("push", "github-sha256", False)
    assert sent["url"] == place.owner.ask("GET", "/webhooks/hook").json["url"]
    assert sent["sent_at"].endswith("Z")
    kept = place.kept(sent["event"])
    assert (kept.method, kept.path, kept.query) == ("POST", b"", b"")
    assert kept.header(b"x-github-event") == b"push"
    assert kept.header(b"host") == b"hooks.example.org"
    assert kept.header(b"fleet-test") is None
    assert kept.header(b"user-agent") is not None
    assert place.store.client.hget(f"fleet:event:{sent['event']}", "test") == b"1"


def test_the_event_can_be_chosen(place: Place) -> None:
    place.owner.webhook("hook", "github")
    sent = place.test(event="pull_request").json
    assert (sent["type"], sent["signed_by"]) == ("pull_request", None)
    assert place.test(event="x" * 1000).status == 422
    assert place.test(nonsense=1).status == 422


@pytest.mark.parametrize(
    ("filters", "sent"),
    [
        ([], "push"),
        ([{"events": ["pull_request"]}], "pull_request"),
        ([{"events": ["issue*"]}], "issues"),
        ([{"events": ["pull_request"], "senders": ["gitlab"]}], "push"),
        ([{"events": ["pull_request"]}, {}], "push"),
        ([{"events": ["what nobody has"]}], "push"),
    ],
)
def test_unless_said_it_is_the_first_event_that_a_subscription_wants(
    place: Place, filters: list[dict[str, object]], sent: str
) -> None:
    place.owner.webhook("hook", "github")
    for number, each in enumerate(filters):
        wish = {"name": f"app{number}", "webhooks": ["hook"], **each}
        assert place.owner.ask("POST", "/subscriptions", wish).status == 201
    assert place.test().json["type"] == sent


@pytest.mark.parametrize("rule", [{"https_only": True}, {"allow_ips": ["192.0.2.7"]}])
def test_a_test_comes_in_where_the_relay_may_not_send(place: Place, rule: dict[str, object]) -> None:
    place.owner.webhook("hook", "github", **rule)
    assert place.test().json["status"] == 202


def test_what_the_door_refuses_is_told(place: Place) -> None:
    place.owner.webhook("hook", "github", hourly_limit=1)
    place.owner.ask("PATCH", "/webhooks/hook", {"paused": True})
    paused = place.test()
    assert paused.status == 201
    assert (paused.json["event"], paused.json["status"]) == (None, 503)
    assert paused.json["answer"]["error"] == "paused"


def test_where_the_secret_itself_is_sent_a_trial_key_is(place: Place) -> None:
    place.owner.webhook("hook", "gitlab", parameters={"scheme": "gitlab-token"})
    place.owner.ask("PUT", "/webhooks/hook/secret", {"secret": "hush-hush-hush"})
    sent = place.test().json
    assert (sent["status"], sent["signed_by"], sent["trial_key"]) == (202, "gitlab-token", True)
    shown = place.kept(sent["event"]).header(b"x-gitlab-token")
    assert shown not in {None, b"hush-hush-hush"}
    [_, trial] = place.owner.ask("GET", "/webhooks/hook").json["secrets"]
    assert trial["is_trial"] is True


def test_what_nobody_can_imitate_is_refused_with_a_reason(place: Place) -> None:
    place.owner.webhook("git", "git")
    pushes = place.test("git")
    assert (pushes.status, pushes.json["code"]) == (422, "invalid_input")
    assert "'fleet repos sync NAME'" in pushes.json["detail"]
    place.owner.webhook("pay", "paypal", require_signature=True)
    assert place.test("pay").status == 422


def test_a_door_that_does_not_answer_is_told(redis_url: str) -> None:
    context = replace(context_of(redis_url), ingress=IngressDoor("http://127.0.0.1:9"))
    with serving(application(context)) as here:
        owner = Owner(here, new_gateway(redis_url, "home")[1])
        owner.webhook("hook", "github")
        answer = owner.ask("POST", "/webhooks/hook/test", {})
    assert (answer.status, answer.json["code"]) == (502, "ingress_unreachable")
    assert "127.0.0.1" not in answer.json["detail"]


def test_a_public_address_below_a_path_is_tested_at_the_ingress_itself(redis_url: str) -> None:
    with public_door(redis_url, ring=RING) as ingress:
        context = replace(
            context_of(redis_url),
            public_url="https://example.org/hooks",
            ingress=IngressDoor(f"http://127.0.0.1:{ingress.port}"),
        )
        with serving(application(context)) as here:
            owner = Owner(here, new_gateway(redis_url, "home")[1])
            owner.webhook("hook", "github")
            sent = owner.ask("POST", "/webhooks/hook/test", {}).json
        assert sent["url"].startswith("https://example.org/hooks/t/")
        assert sent["status"] == 202


def test_only_ones_own_events_are_marked(place: Place) -> None:
    place.owner.webhook("hook", "github")
    event = place.test().json["event"]
    place.store.client.hdel(f"fleet:event:{event}", "test")
    assert place.store.run(mark_test("gw_other", event)) is False
    assert place.store.client.hget(f"fleet:event:{event}", "test") is None
