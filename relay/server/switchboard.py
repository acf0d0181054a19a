"""The switchboard: which tunnels this process holds, and whom to wake when something happens."""

from collections.abc import Iterator
from typing import Final, Protocol

from domain.errors import OverloadedError
from relay.server.endings import MOVED, SUPERSEDED, RefusedError
from relay.tunnel.problem import Problem

MAX_TUNNELS: Final = 200
"""The most tunnels of one gateway in one process."""

_RETRY_AFTER_S: Final = 30


class Line(Protocol):
    """What the switchboard and those who use it know of an open tunnel."""

    @property
    def gateway(self) -> str:
        """The Gateway ID."""
        ...

    @property
    def tunnel(self) -> str:
        """The tunnel id."""
        ...

    @property
    def session(self) -> str:
        """The id of this connection."""
        ...

    @property
    def served(self) -> tuple[str, ...]:
        """Ids of the subscriptions it serves."""
        ...

    @property
    def is_heard(self) -> bool:
        """Whether a sign of life came since the heartbeat before this one."""
        ...

    @property
    def round_trip_ms(self) -> float | None:
        """How long a beat and its answer took, in milliseconds; None: not measured yet."""
        ...

    def ring(self, subscription: str | None = None) -> None:
        """A subscription has something new; None: any of them may."""
        ...

    def beat(self) -> bool:
        """Send a sign of life. False: none came from the other end for a while."""
        ...

    def doubt(self) -> None:
        """The access token may have been revoked, or a subscription made anew; look again."""
        ...

    def end(self, problem: Problem) -> None:
        """Close the tunnel with this last word."""
        ...

    def move(self, after_s: float) -> None:
        """Take nothing new from now on; in so many seconds, send the connector to another relay."""
        ...


class Switchboard:
    """The open tunnels of this process, by what they serve and whose they are."""

    def __init__(self) -> None:
        self._by_subscription: dict[str, dict[Line, None]] = {}
        self._by_gateway: dict[str, dict[str, Line]] = {}
        self._is_closed = False
        self.is_deaf = True
        """Whether nobody hears the bell now, so that what it would say has to be looked for."""

    @property
    def is_closed(self) -> bool:
        """Whether this relay is stopping."""
        return self._is_closed

    def close(self) -> None:
        """This relay is stopping: no tunnel joins from now on. May be called in a signal handler."""
        self._is_closed = True

    def __iter__(self) -> Iterator[Line]:
        return iter([line for lines in self._by_gateway.values() for line in lines.values()])

    def join(self, line: Line) -> None:
        """Take up an open tunnel. An older connection of the same tunnel ends.

        Raises:
            OverloadedError: its gateway has too many tunnels.
            RefusedError: this relay is stopping.
        """
        if self._is_closed:
            raise RefusedError(MOVED)
        mates = self._by_gateway.setdefault(line.gateway, {})
        if older := mates.get(line.tunnel):
            self.leave(older)
            older.end(SUPERSEDED)
            mates = self._by_gateway.setdefault(line.gateway, {})
        if len(mates) >= MAX_TUNNELS:
            raise OverloadedError(f"A gateway can have {MAX_TUNNELS} tunnels here.", _RETRY_AFTER_S)
        mates[line.tunnel] = line
        for subscription in line.served:
            self._by_subscription.setdefault(subscription, {})[line] = None

    def leave(self, line: Line) -> None:
        """Drop a tunnel; nothing happens when it is not here."""
        mates = self._by_gateway.get(line.gateway, {})
        if mates.get(line.tunnel) is not line:
            return
        del mates[line.tunnel]
        if not mates:
            del self._by_gateway[line.gateway]
        for subscription in dict.fromkeys(line.served):
            lines = self._by_subscription[subscription]
            del lines[line]
            if not lines:
                del self._by_subscription[subscription]

    def ring(self, subscription: str) -> None:
        """Wake the tunnels that serve a subscription."""
        for line in self._by_subscription.get(subscription, ()):
            line.ring(subscription)

    def revoke(self, gateway: str) -> None:
        """Let the tunnels of a gateway look whether their tokens still open: one was revoked or replaced."""
        for line in list(self._by_gateway.get(gateway, {}).values()):
            line.doubt()

    def doubt(self, gateway: str | None = None) -> None:
        """Let tunnels look again at what they may serve: those of a gateway, or all, which then also take.

        None: bells may have been missed.
        """
        for line in self:
            if gateway is None:
                line.ring()
            if gateway in {None, line.gateway}:
                line.doubt()
