"""Lives of events from beginning to end, for tests that look at every script on the way."""

from dataclasses import replace

from domain.delivery import Step
from domain.named import NamedList
from store import (
    activity,
    answers,
    deliveries,
    event_log,
    failures,
    gateways,
    limits,
    named_lists,
    polls,
    refusals,
    repo_secrets,
    repos,
    sign_in,
    subscriptions,
    tunnels,
    webhooks,
)
from store.answers import Run
from store.decisions import Decision, put_off
from store.events import close_batch, mark_test
from store.refusals import Refusals, Refused
from store.sweeping import Ended, cancel, forget, leave_duty, live_events
from tests.git_world import FIRST, SECOND, THIRD, GitWorld
from tests.world import HOUR_MS, World


def life_in_lines(world: World) -> None:
    """A gateway with much waiting has a line of its own, which is fed."""
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


def life_set_aside(world: World) -> None:
    """An event that crashed its worker too often, and got another chance."""
    event = world.set_aside()
    assert world.retry(event)
    assert world.counts() == {"event:accepted": 1, "event:waiting": 1}
    world.sweep()
    assert len(world.queue("events")) == 1
    world.fan_out(event)
    assert world.counts() == {"event:accepted": 1, "event:unmatched": 1}
    assert world.command("GET", "fleet:waiting") == b"0"


def two_out_of_attempts(world: World) -> str:
    """A subscription with two deliveries whose jobs are to declare them dead."""
    subscription = world.subscribe()
    for event in world.accept(2):
        world.fan_out(event, subscription)
    for taken in world.take(subscription):
        world.settle(taken, Step.EXHAUST)
    world.sweep()
    return subscription


def life_after_death(world: World) -> None:
    """Deliveries that are out of attempts, die in their jobs, and are replayed when these are requeued."""
    subscription = two_out_of_attempts(world)
    jobs = world.queue("deliveries")
    for run in ("run_1", "run_2"):
        for job in jobs:
            delivery = world.field(f"rq:job:{job}", "description").removeprefix("declare dead ")
            world.run(deliveries.attempt(delivery, job, run))
        dead = len(jobs) if run == "run_1" else 0
        assert world.counts().get("delivery:dead", 0) == dead
    assert len(world.take(subscription)) == len(jobs) == 2


def life_of_failures(world: World) -> None:
    """Deliveries that die are found, and an operator replays the one and discards the other."""
    subscription = two_out_of_attempts(world)
    for job in world.queue("deliveries"):
        delivery = world.field(f"rq:job:{job}", "description").removeprefix("declare dead ")
        world.run(deliveries.attempt(delivery, job, "run_1"))
    assert world.run(failures.totals(world.gateway)) == {"dead": 2, "retrying": 0}
    counted = world.run(failures.count(world.gateway, "dead", failures.START, 100))
    assert counted.notes == {"note": 2}
    looked = world.run(failures.look(world.gateway, "dead", failures.START, 100, 100))
    one, two = (row.delivery.id for row in looked.rows)
    assert world.run(failures.replay(world.gateway, [one], world.id("job"))) == ["done"]
    assert world.run(failures.discard(world.gateway, [two], world.id("job"))) == ["done"]
    assert len(world.take(subscription)) == 1
    assert len(world.run(event_log.look(world.gateway, world.gateway, "", 100, 100)).rows) == 2
    happened = world.run(activity.chart(world.gateway, world.redis_ms()))
    assert sum(each.failed for each in happened.day) == 2


def life_of_a_repo(world: GitWorld) -> None:
    """Of a Git repo: made, pushed to, polled with and without luck, left, given up, changed and deleted."""
    repo = world.add_repo()
    world.put_secret("infra/gitcredential")
    assert world.poll(repo, FIRST) == "announced"
    assert world.run(repos.matching(world.gateway, ["git.example/infra/app"])).secrets == {}
    world.push(repo, SECOND, FIRST)
    poll = world.begun(repo)
    world.push(repo, THIRD, SECOND)
    world.end(poll, SECOND)
    world.run(polls.give_up([world.begun(repo)], world.now))
    world.sweep()
    world.fail(world.begun(repo), is_host_fault=True)
    world.run(repos.sync(world.gateway, "infra/app", world.id("job"), world.now))
    world.poll(repo, THIRD)
    world.put("infra/app", repo, 1, branch="release/1")
    world.poll(repo, THIRD)
    world.put("infra/app", repo, 2, "https://git.example/infra/moved")
    world.poll(repo, THIRD)
    world.now += 2 * HOUR_MS
    world.sweep()
    assert world.run(webhooks.git_of(world.gateway)) is not None
    assert world.run(repos.delete(world.gateway, "infra/app"))
    assert world.run(repo_secrets.delete(world.gateway, "infra/gitcredential"))
    assert len(world.announced()) == 3


def life_at_the_doors(world: World) -> None:
    """What the doors remember besides events: tests, refusals, and what is asked for once."""
    [event] = world.accept(1)
    assert world.run(mark_test(world.gateway, event))
    refused = [Refused(each, "paused", 3, world.now) for each in (world.webhook.id, "whk_gone")]
    assert world.run(refusals.note("note_1", refused, world.now))
    assert world.run(refusals.note("note_2", refused[:1], world.now + 26 * HOUR_MS))
    [found] = world.run(refusals.of([world.webhook.id], world.now + 26 * HOUR_MS))
    assert found == {"paused": Refusals(3, world.now)}
    run = Run(world.gateway, "key", "asked", "mark")
    other = replace(run, key="other")
    assert world.run(answers.begin(run, world.now)) is None
    assert world.run(answers.end(run, b"sealed", world.now))
    assert world.run(answers.begin(other, world.now)) is None
    world.run(answers.end(other, b"", world.now))


def _brief_subscription(world: World) -> None:
    """One that ends by itself."""
    brief = world.subscribe("brief", linger_s=1)
    world.open_tunnel(brief, tunnel="tun_brief")
    world.run(tunnels.close_tunnel(world.gateway, "tun_brief", "s1", world.now))
    world.now += 1000
    world.sweep()
    assert world.run(subscriptions.find(world.gateway, brief)) is None


def whole_life(world: World) -> None:
    """Everything that can happen to events, deliveries, tunnels and what owns them."""
    first, second = world.subscribe("first"), world.subscribe("second")
    world.open_tunnel(first, second)
    delivered, retried, rejected, unmatched, kept = world.accept(5)
    [job] = world.queue("events")
    world.run(close_batch(job, world.limits, world.id("job"), world.now))
    assert world.run(put_off([kept, "evt_unknown"], world.now + 20_000)) == 1
    world.decide(
        Decision(delivered, "push", "github-sha256", "", "digest", (first, second), "sec_1"),
        Decision(retried, "push", "github-sha256", "", "", (first,), "sec_2"),
        Decision(rejected, "push", "", "wrong_signature", "", (), finding="{}"),
        Decision(unmatched, "push", "", "", "", ()),
    )
    one, two, three = world.take(first, second)
    assert world.prolong(two, session="s1")
    world.settle(one, Step.DELIVER)
    world.settle(three, Step.REFUSE)
    world.settle(two, Step.RETRY, world.now)
    world.sweep()
    world.run(leave_duty("sweeper"))
    [job] = world.queue("deliveries")
    world.run(deliveries.attempt(two.delivery.id, job, "run_1"))
    [again] = world.take(first)
    world.run(tunnels.renew(world.gateway, "tun_1", "s1", world.now, 15_000))
    world.run(tunnels.lose(world.gateway, "tun_1", "s1", world.now))
    world.open_tunnel(first, session="s2")
    world.run(tunnels.close_tunnel(world.gateway, "tun_1", "s2", world.now))
    world.settle(again, Step.DELIVER)
    world.now += 20_000
    world.sweep()
    world.run(sign_in.offer("a code", "another hash"))
    assert world.run(sign_in.use("a code", "a browser")) == "another hash"
    world.run(gateways.renew(world.gateway, "another hash", world.now * 2, world.now * 2))
    world.run(gateways.set_operator(world.gateway, is_operator=True))
    world.run(limits.change(world.gateway, {"webhooks": "3", "stored_mib": ""}))
    world.change(sealed_secrets=b"sealed")
    assert set(*world.run(webhooks.matched([world.webhook.id]))) == {"sec_1", "sec_2"}
    world.change(sealed_secrets=b"sealed again", forgotten=("sec_1",), verify_at="ingress", sender="slack")
    assert set(*world.run(webhooks.matched([world.webhook.id]))) == {"sec_2"}
    world.change(https_only=True, allow_ips=["192.0.2.7"], require_signature=True)
    world.run(named_lists.keep(NamedList("own", "own", "", "", "2026-01-31", ("192.0.2.0/24",))))
    world.run(named_lists.forget("own"))
    world.run(subscriptions.remove(world.gateway, second, world.now))
    _brief_subscription(world)
    world.run(cancel([second], world.run(live_events(0))[1], world.now))
    world.run(forget(Ended("subscription", world.gateway, second)))
    world.run(webhooks.delete(world.gateway, world.webhook.id, world.now))
    world.run(cancel([world.webhook.id], world.run(live_events(0))[1], world.now))
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
    assert world.command("KEYS", "fleet:matched:*") == []
    assert world.stored() == (0, 0)
