"""What the machines of a tunnel ask the code around them to do. That code does the I/O, and nothing else."""

from dataclasses import dataclass

from relay.tunnel.messages import Hello, Message, Parcel, Result, Welcome, Working
from relay.tunnel.problem import Problem


@dataclass(frozen=True, slots=True)
class Send:
    """Send a message to the other end."""

    message: Message


@dataclass(frozen=True, slots=True)
class Open:
    """Server: look the subscriptions up and claim the lease; then call `opened`."""

    hello: Hello


@dataclass(frozen=True, slots=True)
class Settle:
    """Server: settle this result; then call `settled`. `tries` as in `domain.delivery.Delivery`."""

    result: Result
    tries: int


@dataclass(frozen=True, slots=True)
class Prolong:
    """Server: this attempt still works; its time begins anew."""

    working: Working


@dataclass(frozen=True, slots=True)
class Echo:
    """Server: the connector has said the beat of this number back."""

    number: int


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Server: the connector has gone for good; give its lease back."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Connector: the tunnel is open."""

    welcome: Welcome


@dataclass(frozen=True, slots=True)
class Refused:
    """Connector: the server closes the tunnel and says why."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class Start:
    """Connector: begin an attempt; then call `finished`."""

    parcel: Parcel


ServerCommand = Send | Open | Settle | Prolong | Echo | GiveBack
ConnectorCommand = Send | Opened | Refused | Start
