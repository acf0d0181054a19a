"""Mass deletion: one look serves all that were deleted, in parts; other due things are seen to meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from domain.delivery import Step
from store import subscriptions, webhooks
from store.connect import SyncStore
from store.sweeping import Ended
from tests.world import World
from workers.context import WorkerContext
from workers.sweeper import Sweeper


@dataclass
class Yard:
    """A world whose sweeper goes by its clock."""

    world: World
    sweeper: Sweeper
    context: WorkerContext

    def newcomer(self) -> Sweeper:
        """Another sweeper, when the one before was killed."""
        self.world.command("DEL", "fleet:sweeper")
        return Sweeper(self.context)

    def looks(self) -> int:
        """How many pages of live events were read so far."""
        found = self.world.command("INFO", "commandstats").decode()
        lines = [line for line in found.splitlines() if line.startswith("cmdstat_zscan:")]
        return int(lines[0].split("calls=")[1].split(",")[0]) if lines else 0

    def delete(self, *names: str) -> None:
        for name in names:
            self.world.run(webhooks.delete(self.world.gateway, name, self.world.now))


@pytest.fixture
def yard(redis_url: str, context: WorkerContext) -> Iterator[Yard]:
    store = SyncStore(redis_url)
    world = World(store)
    world.command("CONFIG", "RESETSTAT")
    ticking = replace(context, clock_ms=lambda: world.now)
    yield Yard(world, Sweeper(ticking), ticking)
    store.close()


def accept_many(world: World, count: int) -> None:
    for _ in range(count // 100):
        world.offer(*(world.candidate(hourly_limit=1_000_000) for _ in range(100)))


def sweep_until_decided(world: World, sweeper: Sweeper) -> None:
    for _ in range(100):
        if not world.counts().get("event:waiting"):
            return
        sweeper.sweep_once()
    raise AssertionError("Something waits for ever.")


def test_what_was_deleted_together_is_cancelled_in_one_look(yard: Yard) -> None:
    world = yard.world
    made = [world.add_webhook(f"hook{number}").id for number in range(40)]
    kept = world.subscribe("kept", webhook=world.webhook)
    removed = world.subscribe("removed", webhook=world.webhook)
    world.offer(*(world.candidate(webhook=webhook) for webhook in made))
    [event] = world.accept()
    world.fan_out(event, kept, removed)
    yard.delete(*made)
    world.run(subscriptions.remove(world.gateway, removed, world.now))
    yard.sweeper.sweep_once()
    assert yard.looks() == 1
    counts = world.counts()
    assert (counts["rejected:webhook_deleted"], counts["delivery:cancelled"]) == (40, 1)
    assert counts["delivery:in_flight"] == 1
    assert world.command("KEYS", "fleet:routes:*") == [f"fleet:routes:{world.webhook.id}".encode()]
    assert world.command("EXISTS", f"fleet:stream:{removed}") == 0
    assert world.due() == [f"e:{event}"]
    assert world.differences() == []


def test_a_look_is_taken_in_parts_and_what_else_is_due_comes_between(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.cancelling.PAGES", 1)
    world = yard.world
    accept_many(world, 3000)
    other = world.add_webhook("other")
    subscription = world.subscribe(webhook=other)
    [candidate] = [world.candidate(webhook=other.id)]
    world.offer(candidate)
    world.fan_out(candidate.event, subscription)
    [taken] = world.take(subscription)
    yard.delete(world.webhook.id)
    yard.sweeper.sweep_once()
    assert 0 < world.counts()["event:waiting"] < 3000
    assert world.settle(taken, Step.RETRY, world.now)
    yard.sweeper.sweep_once()
    assert len(world.queue("deliveries")) == 1
    assert world.counts()["event:waiting"] > 0
    sweep_until_decided(world, yard.sweeper)
    yard.sweeper.sweep_once()
    assert f"w:{world.gateway}:{world.webhook.id}" not in world.due()
    assert world.counts()["event:rejected"] == 3000
    assert world.differences() == []


def test_what_is_deleted_during_a_look_gets_one_of_its_own(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.cancelling.PAGES", 1)
    world = yard.world
    other = world.add_webhook("other")
    accept_many(world, 1500)
    world.offer(*(world.candidate(webhook=other.id) for _ in range(100)))
    yard.delete(world.webhook.id)
    yard.sweeper.sweep_once()
    yard.delete(other.id)
    sweep_until_decided(world, yard.sweeper)
    assert world.counts()["rejected:webhook_deleted"] == 1600


def test_a_sweeper_that_takes_over_begins_the_look_again(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.cancelling.PAGES", 1)
    world = yard.world
    accept_many(world, 2000)
    yard.delete(world.webhook.id)
    yard.sweeper.sweep_once()
    left = world.counts()["event:waiting"]
    newcomer = yard.newcomer()
    newcomer.sweep_once()
    yard.sweeper.sweep_once()  # stands by now, and goes on with nothing
    assert world.counts()["event:waiting"] == left > 0
    world.now += 20_000
    sweep_until_decided(world, newcomer)
    assert world.counts()["event:rejected"] == 2000


def test_what_is_deleted_is_known_by_its_member() -> None:
    members = [Ended(kind, "gw", "x").member for kind in ("tunnel", "webhook", "subscription")]
    assert members == ["t:gw:x", "w:gw:x", "s:gw:x"]
