"""What the two ends of a tunnel say to each other, and the bounds of it.

The connector opens with `Hello`, the server answers `Welcome` or `Problem`. Then deliveries travel down as
`Parcel`, results travel up, and the server confirms each result as settled: only then does the connector
forget it. Either end sends `Beat` once a heartbeat; the server numbers its own, and the connector says each
of them back at once, which measures the round trip. `Progress` keeps an attempt
alive that takes long and shows that it still works.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from domain.delivery import Outcome
from domain.webhook import MAX_BODY_BYTES
from relay.tunnel.problem import Problem

VERSION: Final = 2
"""The version of this protocol. Both ends must speak the same."""

MAX_CREDIT: Final = 1024
"""The most deliveries a tunnel has in flight."""

MAX_UNSETTLED: Final = 1024
"""The most results that wait to be settled, beyond what is in flight."""

MAX_HOLDING: Final = MAX_CREDIT + MAX_UNSETTLED
MAX_SUBSCRIPTIONS: Final = 64
MAX_ITEMS: Final = 256
"""The most results, confirmations of them, or signs of progress in one message."""

MAX_NAME_CHARS: Final = 64
MAX_EVENT_TYPE_CHARS: Final = 200
MAX_NOTE_CHARS: Final = 100
MAX_SENTENCE_CHARS: Final = 500
MAX_TEXT_BYTES: Final = 256 * 1024
"""The largest text frame; a `Hello` that holds MAX_HOLDING deliveries fits."""

MAX_META_BYTES: Final = 4096
MAX_PARCEL_BYTES: Final = MAX_BODY_BYTES + 128 * 1024
"""The largest binary frame: a body, the head of its request, and what we say about them."""

SILENT_BEATS: Final = 3
"""After so many heartbeats without a frame from the other end, the connection counts as dead."""


class ProtocolError(Exception):
    """The other end said what it must not say. The text is a sentence and holds nothing of what was said."""


class Held(NamedTuple):
    """A delivery that a connector still works on or whose result is not settled; tries as in its parcel."""

    delivery: str
    attempt: int
    tries: int


class Served(NamedTuple):
    """A subscription that a tunnel serves, and the seconds an attempt may take."""

    name: str
    id: str
    timeout_s: int


class Confirmed(NamedTuple):
    """An attempt whose result has been settled."""

    delivery: str
    attempt: int


class Working(NamedTuple):
    """An attempt that still works."""

    delivery: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Hello:
    """First of all: who the connector is and what it wants.

    Attributes:
        tunnel: chosen by the connector's process, the same over its reconnections.
        subscriptions: names of the subscriptions to be served.
        credit: how many deliveries it works on at once.
        holding: what it has not been released from.
        name: what the connector calls itself, its host as a rule; for people.
        release: of the program that the connector belongs to; for people.
        version: of this protocol.
    """

    tunnel: str
    subscriptions: tuple[str, ...]
    credit: int
    holding: tuple[Held, ...] = ()
    name: str = ""
    release: str = ""
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Welcome:
    """The tunnel is open.

    Attributes:
        session: id of this connection.
        lease_s: how long the deliveries stay with a tunnel that went silent, in seconds.
        heartbeat_s: seconds between two beats, of either end.
        subscriptions: what was asked for, in the same order.
    """

    session: str
    lease_s: float
    heartbeat_s: float
    subscriptions: tuple[Served, ...]


@dataclass(frozen=True, slots=True)
class Credit:
    """From now on at most so many deliveries in flight; 0 stops new ones."""

    slots: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery.

    Attributes:
        delivery: its id.
        attempt: number of this attempt.
        tries: attempts of this generation, this one included.
        generation: 1, and one more after each replay.
        event: the event's id.
        event_type: the sender's label for the event.
        subscription: id of the subscription.
        webhook: name of the webhook.
        sender: key of the sender, such as "github".
        scheme: the scheme that verified the event; "" when it was not verified.
        received_at: when the ingress received it, Unix ms.
        timeout_s: how long the attempt may take, in seconds; one that says that it works: be silent.
        envelope: the request, see `domain.envelope`.
    """

    delivery: str
    attempt: int
    tries: int
    generation: int
    event: str
    event_type: str
    subscription: str
    webhook: str
    sender: str
    scheme: str
    received_at: int
    timeout_s: int
    envelope: bytes


class Result(NamedTuple):
    """What became of an attempt.

    Attributes:
        delivery: the delivery's id.
        attempt: the attempt that is answered.
        outcome: delivered, retry or refused.
        note: a few printable words for the owner; no payload, no URL.
        retry_after_s: for retry, what the subscriber asked for, in seconds.
    """

    delivery: str
    attempt: int
    outcome: Outcome
    note: str = ""
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """Results, 1 to MAX_ITEMS of them; repeated after a reconnection until they are settled."""

    items: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """Attempts that still work, 1 to MAX_ITEMS of them: their time begins anew.

    Nobody answers it. One that was lost is made good by the next one, or said again when the tunnel is back.
    """

    items: tuple[Working, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """Results that the connector may forget, 1 to MAX_ITEMS of them."""

    items: tuple[Confirmed, ...]


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life.

    Attributes:
        number: a server's: which one of the connection this is, from 1; a connector's: the one it says back,
            0 for a beat of its own.
    """

    number: int = 0


@dataclass(frozen=True, slots=True)
class Bye:
    """The connector goes for good: what it has not answered may go elsewhere at once."""


FromConnector = Hello | Credit | Results | Progress | Beat | Bye
FromServer = Welcome | Problem | Parcel | Settled | Beat
Message = FromConnector | FromServer
