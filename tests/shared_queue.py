"""The queue that several gateways share, with small batches and workers that do as a test says."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from store.connect import SyncStore
from store.decisions import Decision
from store.events import BatchLimits, close_batch
from store.sweeping import Duty, sweep
from tests.world import LIMITS, START_MS, World

SMALL = replace(LIMITS, events=4, fair=3)
DUTY = Duty("sweeper", 5000, 1000)


@dataclass
class SharedQueue:
    """Gateways that send, and workers that take the jobs of the queue one by one."""

    store: SyncStore
    gateways: int = 3
    limits: BatchLimits = SMALL
    now: int = START_MS
    sent: list[str] = field(default_factory=list)
    worlds: list[World] = field(init=False)

    def __post_init__(self) -> None:
        self.worlds = [
            World(self.store, f"gw_{number}", made=number * 1_000_000) for number in range(self.gateways)
        ]

    @property
    def hands(self) -> World:
        return self.worlds[0]

    def accept(self, gateway: int, count: int, **changes: object) -> list[str]:
        world = self.worlds[gateway]
        world.now, world.limits = self.now, self.limits
        candidates = [world.candidate(**changes) for _ in range(count)]
        assert {each.verdict for each in world.offer(*candidates)} <= {"accepted"}
        events = [each.event for each in candidates]
        self.sent += events
        return events

    def jobs(self) -> list[str]:
        return self.hands.queue("events")

    def take(self) -> str | None:
        """What a worker does first: the job is its own, and lost if it dies now."""
        job = self.hands.command("LPOP", "rq:queue:events")
        return job and job.decode()

    def begin(self, job: str) -> list[str]:
        return self.hands.run(close_batch(job, self.limits, self.hands.id("job"), self.now))[1]

    def work(self) -> list[str]:
        """One whole job; the events it decided."""
        job = self.take()
        events = self.begin(job) if job else []
        self.decide(events)
        return events

    def decide(self, events: Sequence[str]) -> None:
        if events:
            self.hands.decide(*(Decision(event, "push", "", "", "", ()) for event in events))

    def sweep(self) -> None:
        self.hands.run(sweep(DUTY, self.limits, self.hands.id("job"), self.now))

    def line(self, gateway: int) -> list[str]:
        return [event.decode() for event in self.hands.command("LRANGE", f"fleet:line:gw_{gateway}", 0, -1)]

    def standing(self) -> list[str]:
        """The gateways that have a line."""
        return [gateway.decode() for gateway in self.hands.command("LRANGE", "fleet:lines", 0, -1)]

    def state(self, event: str) -> str:
        return self.hands.field(f"fleet:event:{event}", "state")

    def owner(self, event: str) -> int:
        return int(self.hands.field(f"fleet:event:{event}", "gateway").removeprefix("gw_"))
