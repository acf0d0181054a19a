"""Prolonging: an attempt that still works has its time anew, and nobody else's word counts for it."""

import pytest

from domain.delivery import ANSWER_GRACE_S, LONGEST_ATTEMPT_S, Step
from store import deliveries, subscriptions, tunnels
from store.deliveries import Prolongation, Taken
from store.sweeping import Deadline
from tests.world import World

GRACE_MS = ANSWER_GRACE_S * 1000
LONGEST_MS = LONGEST_ATTEMPT_S * 1000
TIMEOUT_MS = 30_000


@pytest.fixture
def taken(world: World) -> Taken:
    return world.delivered(world.subscribe())


def deadline(world: World, taken: Taken) -> int:
    return int(world.command("ZSCORE", "fleet:due", f"d:{taken.delivery.id}"))


def missed(world: World) -> list[str]:
    """Whose deadline a sweep finds passed. The lease is not looked at; who prolongs holds it."""
    return [item.delivery for item in world.sweep().items if isinstance(item, Deadline)]


def test_the_time_of_an_attempt_that_works_begins_anew(world: World, taken: Taken) -> None:
    world.now += 29_000
    assert world.prolong(taken)
    assert deadline(world, taken) == world.now + TIMEOUT_MS + GRACE_MS
    assert world.settle(taken, Step.DELIVER)
    assert world.due() == []
    assert world.differences() == []


def test_a_word_that_comes_late_makes_no_deadline_earlier(world: World, taken: Taken) -> None:
    world.now += 20_000
    world.prolong(taken)
    late = deadline(world, taken)
    world.now -= 10_000
    assert world.prolong(taken)
    assert deadline(world, taken) == late


def test_no_attempt_is_prolonged_for_more_than_twelve_hours(world: World, taken: Taken) -> None:
    began = world.now
    while world.now < began + LONGEST_MS:
        world.now += 29_000
        assert world.prolong(taken)
        assert deadline(world, taken) <= began + LONGEST_MS + GRACE_MS
    assert deadline(world, taken) == began + LONGEST_MS + GRACE_MS == began + 12 * 3_600_000 + 5000
    world.now = began + LONGEST_MS + GRACE_MS
    assert world.prolong(taken)
    assert missed(world) == [taken.delivery.id]


def test_a_silent_attempt_has_no_more_than_its_time(world: World, taken: Taken) -> None:
    world.now += TIMEOUT_MS + GRACE_MS - 1
    assert missed(world) == []
    world.now += 1
    assert missed(world) == [taken.delivery.id]


@pytest.mark.parametrize(
    "who",
    [{"tunnel": "tun_2"}, {"session": "s2"}, {"session": ""}, {"gateway": "gw_2"}, {"attempt": 2}],
    ids=str,
)
def test_only_who_has_the_attempt_prolongs_it(world: World, taken: Taken, who: dict[str, object]) -> None:
    world.open_tunnel(taken.delivery.subscription, tunnel="tun_2")
    world.run(tunnels.open_tunnel("gw_2", tunnels.Claim("tun_1", "s1"), world.now, 15_000))
    before = world.dump()
    world.now += 1000
    assert not world.prolong(taken, **who)
    assert world.dump() == before
    assert world.prolong(taken)


def test_a_lease_that_has_ended_prolongs_nothing(world: World, taken: Taken) -> None:
    world.run(tunnels.close_tunnel(world.gateway, "tun_1", "s1", world.now))
    before = world.dump()
    assert not world.prolong(taken)
    assert world.dump() == before


def test_another_connection_of_the_same_tunnel_prolongs_what_it_still_holds(
    world: World, taken: Taken
) -> None:
    delivery = taken.delivery
    world.open_tunnel(delivery.subscription, session="s2", holding=[(delivery.id, delivery.attempt)])
    world.now += 1000
    assert not world.prolong(taken, session="s1")
    assert world.prolong(taken, session="s2")
    assert deadline(world, taken) == world.now + TIMEOUT_MS + GRACE_MS


@pytest.mark.parametrize("step", [Step.DELIVER, Step.REFUSE, Step.RETRY, Step.EXHAUST])
def test_a_word_that_crosses_the_answer_changes_nothing(world: World, taken: Taken, step: Step) -> None:
    world.settle(taken, step, world.now + 5000)
    before = world.dump()
    world.now += 1000
    assert not world.prolong(taken)
    assert world.dump() == before
    assert world.differences() == []


def test_an_attempt_given_up_on_cannot_prolong_its_successor(world: World, taken: Taken) -> None:
    world.settle(taken, Step.RETRY, world.now)
    world.sweep()
    [job] = world.queue("deliveries")
    world.run(deliveries.attempt(taken.delivery.id, job, "run_1"))
    [again] = world.take(taken.delivery.subscription)
    due = deadline(world, again)
    world.now += 1000
    assert not world.prolong(taken)
    assert deadline(world, again) == due
    assert world.prolong(again)
    assert deadline(world, again) == due + 1000


def test_a_removed_subscription_is_not_kept_by_what_still_works(world: World, taken: Taken) -> None:
    world.run(subscriptions.remove(world.gateway, taken.delivery.subscription, world.now))
    world.now += 1000
    world.prolong(taken)
    assert world.differences() == []


def test_many_are_prolonged_in_one_step_and_each_is_answered(world: World) -> None:
    subscription = world.subscribe()
    for event in world.accept(3):
        world.fan_out(event, subscription)
    one, two, three = world.take(subscription)
    world.settle(two, Step.DELIVER)
    world.now += 1000
    items = [
        Prolongation(world.gateway, "tun_1", "s1", each.delivery.id, each.delivery.attempt, 60)
        for each in (one, two, three)
    ]
    for _ in range(2):
        assert world.run(deliveries.prolong(items, world.now)) == [True, False, True]
        assert deadline(world, one) == deadline(world, three) == world.now + 60_000 + GRACE_MS


def test_what_is_not_known_is_not_made(world: World) -> None:
    world.open_tunnel()
    before = world.dump()
    item = Prolongation(world.gateway, "tun_1", "s1", "dlv_1_1", 1, 30)
    assert world.run(deliveries.prolong([item], world.now)) == [False]
    assert world.dump() == before
