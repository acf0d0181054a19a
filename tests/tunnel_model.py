"""What stands around the two machines of a tunnel in their model: a store, and a connection."""

from collections import deque
from dataclasses import dataclass

from domain.delivery import Outcome
from relay.tunnel.messages import Held, Message, Parcel, Result
from relay.tunnel.server_machine import ServerMachine

TUNNEL = "tun_" + "0" * 23
SUBSCRIPTION = "sub_" + "0" * 23
CREDIT = 3


@dataclass
class Stored:
    """A delivery in the store; `sent` while a tunnel has it, `outcome` once it is final.

    `prolonged` is the last attempt that was.
    """

    attempt: int = 0
    sent: bool = False
    outcome: Outcome | None = None
    prolonged: int = 0


@dataclass
class Line:
    """A connection: its server's machine and what is on the way."""

    server: ServerMachine
    up: deque[Message]
    down: deque[Message]
    settling: deque[Result]
    held_at_first: int = 0


def parcel(held: Held) -> Parcel:
    event = "evt_" + held.delivery.split("_")[1]
    return Parcel(
        *held, 1, event, "push", SUBSCRIPTION, "hook", "github", "github-sha256", 1, 30, b"envelope"
    )
