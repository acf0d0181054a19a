"""The exchange: what the tunnels of a process share."""

from dataclasses import dataclass

from relay.server.context import RelayContext
from relay.server.prolonging import Prolonger
from relay.server.room import Room
from relay.server.settling import Settler
from relay.server.switchboard import Switchboard


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the tunnels of a process share.

    Attributes:
        context: the surroundings of the relay.
        switchboard: who is connected, and whom to wake.
        settler: settles attempts.
        prolonger: prolongs attempts.
        room: memory for bodies.
    """

    context: RelayContext
    switchboard: Switchboard
    settler: Settler
    prolonger: Prolonger
    room: Room
