"""Laws of prolonging, whatever the order in which it is said, answered, given back and swept: the deadline is
where a model has it, silence and twelve hours end an attempt, and the ledger balances."""

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.delivery import ANSWER_GRACE_S, LONGEST_ATTEMPT_S, Step
from store import deliveries, tunnels
from store.connect import SyncStore
from store.deliveries import Taken
from store.sweeping import Deadline
from tests.world import START_MS, World

GRACE_MS, LONGEST_MS, TIMEOUT_MS = ANSWER_GRACE_S * 1000, LONGEST_ATTEMPT_S * 1000, 30_000
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("word"), st.sampled_from(["now", "old", "tunnel", "session", "gateway"])),
        st.tuples(st.just("word"), st.just("now")),
        st.tuples(st.just("wait"), st.sampled_from([1000, 20_000, 34_999, LONGEST_MS - 40_000])),
        st.tuples(st.sampled_from(["lapse", "retry", "sweep"]), st.just("")),
    ),
    max_size=30,
)
FOREIGN = {"tunnel": {"tunnel": "tun_2"}, "session": {"session": "s0"}, "gateway": {"gateway": "gw_2"}}


@dataclass
class Attempts:
    """The attempts of one delivery; `ends` is where the model has the deadline of the one under way."""

    world: World
    taken: list[Taken] = field(default_factory=list)
    began: int = 0
    ends: int = 0
    lapses: int = 0

    def take(self) -> None:
        self.taken += self.world.take(self.taken[0].delivery.subscription)
        self.begin()

    def begin(self) -> None:
        self.began, self.ends = self.world.now, self.world.now + TIMEOUT_MS + GRACE_MS

    def step(self, what: str, how: str | int) -> None:
        world, latest = self.world, self.taken[-1]
        match what:
            case "word":
                self.say(str(how))
            case "wait":
                # Within the retention of its event.
                world.now = min(world.now + int(how), START_MS + 3 * LONGEST_MS)
            case "lapse" if self.lapses < 9:
                self.lapses += 1
                world.open_tunnel(latest.delivery.subscription)
                self.take()
            case "retry":
                assert world.settle(latest, Step.RETRY, world.now)
                self.resend()
            case "sweep":
                self.sweep()
            case _:
                pass  # one that lapses too often would die

    def say(self, who: str) -> None:
        world, latest = self.world, self.taken[-1]
        if who in FOREIGN:
            assert not world.prolong(latest, **FOREIGN[who])
        elif who == "old":
            assert all(not world.prolong(taken) for taken in self.taken[:-1])
        else:
            assert world.prolong(latest)
            longest = self.began + LONGEST_MS
            self.ends = max(self.ends, min(world.now + TIMEOUT_MS, longest) + GRACE_MS)

    def sweep(self) -> None:
        """What the sweeper does: it ends the attempt if, and only if, its deadline has passed."""
        world = self.world
        missed = [item for item in world.sweep().items if isinstance(item, Deadline)]
        assert bool(missed) == (world.now >= self.ends)
        if missed:
            assert world.settle(self.taken[-1], Step.RETRY, world.now)
            self.resend()

    def resend(self) -> None:
        self.world.sweep()
        job, delivery = self.world.queue("deliveries")[-1], self.taken[0].delivery.id
        assert self.world.run(deliveries.attempt(delivery, job, "run_1"))[0] == "resent"
        self.take()


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_a_deadline_is_where_the_words_of_its_attempt_put_it(
    redis_url: str, steps: list[tuple[str, str | int]]
) -> None:
    store = SyncStore(redis_url)
    store.client.execute_command("FLUSHALL")
    world = World(store)
    attempts = Attempts(world, [world.delivered(world.subscribe())])
    attempts.begin()
    world.open_tunnel(tunnel="tun_2")
    world.run(tunnels.open_tunnel("gw_2", tunnels.Claim("tun_1", "s1"), world.now, 15_000))
    for what, how in steps:
        attempts.step(what, how)
        delivery = attempts.taken[-1].delivery.id
        assert int(world.command("ZSCORE", "fleet:due", f"d:{delivery}")) == attempts.ends
        assert world.differences() == []
    world.settle(attempts.taken[-1], Step.DELIVER)
    assert world.counts()["delivery:delivered"] == 1
    assert world.differences() == []
    store.close()
