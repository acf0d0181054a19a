"""redis-py sends a command again when its reply was lost: the second run must change and count nothing."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.delivery import Step
from domain.named import NamedList
from store import (
    deliveries,
    gateways,
    keys,
    limits,
    named_lists,
    scripts,
    subscriptions,
    tunnels,
    webhooks,
)
from store.calls import Call
from store.connect import SyncStore
from store.events import Decision, NotSetAsideError, close_batch
from store.sweeping import Ended, cancel, forget, leave_duty, live_events
from tests.redis_contents import contents
from tests.world import HOUR_MS, World

MAY_DIFFER = {
    "close_batch",  # a second run is what it counts
    "attempt",  # the second run of a dead delivery's job is a replay, on purpose
}


class TwiceStore(SyncStore):
    """Sends everything twice and looks at all of Redis in between."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.names = {script.sha: script.name for script in scripts.every()}
        self.seen: set[str] = set()

    def run(self, call: Call):
        first = super().run(call)
        self.let_a_moment_pass()
        used = {self.names[str(command[1])] for command in call.commands if command[0] == "EVALSHA"}
        self.seen |= used
        if not used & MAY_DIFFER:
            before = self.everything()
            super().run(call)
            assert self.everything() == before, used
        return first

    def let_a_moment_pass(self) -> None:
        """Until Redis' clock is on: a life that begins anew ends later then, by a millisecond at least."""
        began = self.milliseconds()
        while self.milliseconds() == began:
            pass

    def milliseconds(self) -> int:
        seconds, micros = self.client.execute_command("TIME")
        return int(seconds) * 1000 + int(micros) // 1000

    def everything(self) -> dict[bytes, tuple[bytes, int]]:
        """Every key, and when it ends; only the sweeper's duty begins anew with each sweep."""
        execute = self.client.execute_command
        found = contents(execute)
        found.pop(keys.SWEEPER.encode(), None)
        return {key: (content, execute("PEXPIRETIME", key)) for key, content in found.items()}


@pytest.fixture
def twice(redis_url: str) -> Iterator[World]:
    store = TwiceStore(redis_url)
    yield World(store)
    store.close()


def test_lines_are_fed_once(twice: World) -> None:
    world = twice
    world.limits = replace(world.limits, fair=1, events=2)
    subscription = world.subscribe()
    events = world.accept(15)
    world.sweep()
    assert world.command("LLEN", f"fleet:line:{world.gateway}") == 15 - 1 - 8
    jobs = world.queue("events")
    assert len(jobs) == 5
    world.run(close_batch(jobs[1], world.limits, world.id("job"), world.now))
    world.decide(*(Decision(event, "push", "", "", "", (subscription,)) for event in events))
    world.sweep()
    assert world.counts()["event:fanned_out"] == 15
    assert world.command("KEYS", "fleet:line*") == []


def test_an_event_is_retried_once(twice: World) -> None:
    world = twice
    event = world.set_aside()
    assert world.retry(event)
    # Another call may retry it no more.
    with pytest.raises(NotSetAsideError):
        world.retry(event)
    assert len(world.queue("events")) == 1
    assert world.counts() == {"event:accepted": 1, "event:waiting": 1}
    assert world.differences() == []


def test_a_whole_life_sent_twice_is_lived_once(twice: World) -> None:
    world = twice
    first, second = world.subscribe("first"), world.subscribe("second")
    world.open_tunnel(first, second)
    delivered, retried, rejected, unmatched, kept = world.accept(5)
    [job] = world.queue("events")
    world.run(close_batch(job, world.limits, world.id("job"), world.now))
    world.decide(
        Decision(delivered, "push", "github-sha256", "", "digest", (first, second)),
        Decision(retried, "push", "", "", "", (first,)),
        Decision(rejected, "push", "", "wrong_signature", "", ()),
        Decision(unmatched, "push", "", "", "", ()),
    )
    one, two, three = world.take(first, second)
    world.settle(one, Step.DELIVER)
    world.settle(three, Step.REFUSE)
    world.settle(two, Step.RETRY, world.now)
    world.sweep()
    world.run(leave_duty("sweeper"))
    [job] = world.queue("deliveries")
    world.run(deliveries.attempt(two.delivery.id, job, world.now))
    [again] = world.take(first)
    world.run(tunnels.renew(world.gateway, "tun_1", "s1", world.now, 15_000))
    world.open_tunnel(first, session="s2")
    world.run(tunnels.close_tunnel(world.gateway, "tun_1", "s2", world.now))
    world.settle(again, Step.DELIVER)
    world.now += 20_000
    world.sweep()
    world.run(gateways.renew(world.gateway, "another hash", world.now * 2, world.now * 2))
    world.run(limits.change(world.gateway, {"webhooks": "3", "stored_mib": ""}))
    world.run(webhooks.set_secrets(world.gateway, world.webhook.id, b"sealed"))
    world.run(webhooks.change(world.gateway, world.webhook.id, https_only=True, allow_ips=["192.0.2.7"]))
    world.run(named_lists.keep(NamedList("own", "own", "", "", "2026-01-31", ("192.0.2.0/24",))))
    world.run(named_lists.forget("own"))
    world.run(subscriptions.remove(world.gateway, second, world.now))
    world.run(cancel([second], world.run(live_events(0))[1], world.now, 1000))
    world.run(forget(Ended("subscription", world.gateway, second)))
    world.run(webhooks.delete(world.gateway, world.webhook.id, world.now))
    world.run(cancel([world.webhook.id], world.run(live_events(0))[1], world.now, 1000))
    world.now += 72 * HOUR_MS
    world.sweep()
    assert world.counts() == {
        "event:accepted": 5,
        "event:fanned_out": 2,
        "event:unmatched": 1,
        "event:rejected": 2,
        "rejected:wrong_signature": 1,
        "rejected:webhook_deleted": 1,
        "delivery:created": 3,
        "delivery:delivered": 2,
        "delivery:refused": 1,
    }
    assert world.field(f"fleet:event:{kept}", "state") == "rejected"
    assert world.stored() == (0, 0)
    changing = {script.name for script in scripts.every()}
    reading = {
        name
        for name in changing
        if name.startswith(("list_", "read_", "routes", "story", "waiting")) or "_by_token" in name
    }
    assert changing - reading - world.store.seen - {"revoke_gateway", "retry_event"} == set()
