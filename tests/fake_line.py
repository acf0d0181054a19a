"""A tunnel without a connection, for those who only ring, end and beat."""

from dataclasses import dataclass, field

from relay.tunnel.problem import Problem


@dataclass(eq=False)
class FakeLine:
    """A tunnel that only remembers what it is told."""

    gateway: str = "gw_1"
    tunnel: str = "tun_1"
    session: str = "s"
    served: tuple[str, ...] = ("sub_1",)
    alive: bool = True
    is_heard: bool = True
    round_trip_ms: float | None = None
    rings: list[str | None] = field(default_factory=list)
    doubts: int = 0
    ended: list[Problem] = field(default_factory=list)
    moves: list[float] = field(default_factory=list)

    def ring(self, subscription: str | None = None) -> None:
        self.rings.append(subscription)

    def beat(self) -> bool:
        return self.alive

    def doubt(self) -> None:
        self.doubts += 1

    def end(self, problem: Problem) -> None:
        self.ended.append(problem)

    def move(self, after_s: float) -> None:
        self.moves.append(after_s)
