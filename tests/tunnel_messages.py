"""Messages of a tunnel that serves two subscriptions, as tests of the machines and the relay need them."""

from domain.delivery import Outcome
from relay.tunnel.messages import Hello, Parcel, Result, Served, Welcome

TUNNEL = "tun_" + "0" * 23
SUB_A, SUB_B = "sub_" + "a" * 23, "sub_" + "b" * 23
SERVED = (Served("a", SUB_A, 30), Served("b", SUB_B, 60))
WELCOME = Welcome("session", 15, 5, SERVED)
HELLO = Hello(TUNNEL, ("a", "b"), 2)


def delivery(number: int, subscription: str = SUB_A) -> str:
    return f"dlv_{number:023d}_{subscription[4:]}"


def parcel(number: int, attempt: int = 1, generation: int = 1) -> Parcel:
    name = delivery(number)
    event = "evt_" + name.split("_")[1]
    about = ("push", SUB_A, "hook", "github", "github-sha256")
    return Parcel(name, attempt, attempt, generation, event, *about, 1, 30, b"")


def result(number: int, attempt: int = 1, outcome: Outcome = Outcome.DELIVERED) -> Result:
    return Result(delivery(number), attempt, outcome)
