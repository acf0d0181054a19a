"""What was refused on the way is told, once, with the reason; of the webhooks listened to, and no others."""

from dataclasses import dataclass, field

import pytest

from cli.client import ControlApi, Json
from cli.listen.watching import Watch
from store import refusals
from store.decisions import Decision
from store.refusals import Refused
from tests.owner_door import clock_ms
from tests.world import World


@dataclass
class Told:
    """Remembers what was told."""

    rejections: list[tuple[str, str]] = field(default_factory=list)
    refusals: list[tuple[str, str, int]] = field(default_factory=list)
    changes: list[tuple[str, str]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def rejected(self, event: Json) -> None:
        self.rejections.append((event["id"], event["rejected_because"]))

    def refused(self, webhook: str, reason: str, count: int) -> None:
        self.refusals.append((webhook, reason, count))

    def changed(self, webhook: str, signature: str) -> None:
        self.changes.append((webhook, signature))

    def gone(self, webhook: str) -> None:
        self.lost.append(webhook)


@pytest.fixture
def api(address: str, home: tuple[str, str]) -> ControlApi:
    return ControlApi(f"http://{address}", home[1])


def watch(api: ControlApi, told: Told, *names: str) -> Watch:
    hooks = [api.ask("GET", "webhooks", name) for name in names]
    return Watch(api, told, hooks, clock_ms)  # pyright: ignore[reportArgumentType] - what a watch needs of it


def reject(world: World, reason: str = "wrong_signature") -> str:
    [event] = world.accept()
    assert world.decide(Decision(event, "push", "", reason, "", ())) == ["rejected"]
    return event


def test_each_rejection_is_told_once_with_its_reason(api: ControlApi, world: World) -> None:
    reject(world)  # before anybody looked
    world.now += 1
    told = Told()
    looking = Watch(api, told, [api.ask("GET", "webhooks", "hook")], lambda: world.now)  # pyright: ignore[reportArgumentType] - what a watch needs of it
    first, second = reject(world), reject(world, "too_old")
    looking.look()
    looking.look()
    assert sorted(told.rejections) == [(first, "wrong_signature"), (second, "too_old")]
    third = reject(world)
    looking.look()
    assert [event for event, _ in told.rejections[2:]] == [third]


def test_what_goes_through_and_what_is_of_other_webhooks_is_not_told(api: ControlApi, world: World) -> None:
    api.ask("POST", "webhooks", body={"name": "other"})
    told = Told()
    looking = watch(api, told, "other")
    reject(world)
    [event] = world.accept()
    world.fan_out(event)
    looking.look()
    assert told == Told()


def test_what_the_door_refused_is_told_with_how_often(api: ControlApi, world: World) -> None:
    told = Told()
    world.run(refusals.note("n1", [Refused(world.webhook.id, "paused", 5, clock_ms())], clock_ms()))
    looking = watch(api, told, "hook")
    looking.look()
    assert told.refusals == []
    world.run(refusals.note("n2", [Refused(world.webhook.id, "paused", 2, clock_ms())], clock_ms()))
    world.run(refusals.note("n3", [Refused(world.webhook.id, "limited", 1, clock_ms())], clock_ms()))
    looking.look()
    looking.look()
    assert sorted(told.refusals) == [("hook", "limited", 1), ("hook", "paused", 2)]


def test_a_secret_that_was_stored_meanwhile_is_told(api: ControlApi) -> None:
    api.ask("POST", "webhooks", body={"name": "pay", "sender": "stripe", "require_signature": True})
    told = Told()
    looking = watch(api, told, "pay")
    api.ask("PUT", "webhooks", "pay", "secret", body={"secret": "whsec_9ZzYJQmQyYbVbGdpCEiQhfHQ1ybk3oIL"})
    looking.look()
    looking.look()
    assert told.changes == [("pay", "required")]


def test_a_webhook_that_was_deleted_is_told_once(api: ControlApi) -> None:
    api.ask("POST", "webhooks", body={"name": "pay"})
    told = Told()
    looking = watch(api, told, "pay")
    api.ask("DELETE", "webhooks", "pay")
    looking.look()
    looking.look()
    assert told.lost == ["pay"]
