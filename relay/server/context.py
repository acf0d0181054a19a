"""What the relay is made with: its surroundings as one frozen value, put together by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass, field

from domain.limits import DEFAULTS, Limits
from domain.networks import NOBODY, Networks
from relay.mcp.desk import Accounts, in_short
from relay.server.ingress_door import LOCAL, IngressDoor
from relay.server.meters import Meters
from store.connect import AsyncStore
from store.sealing import Sealer


@dataclass(frozen=True, slots=True)
class RelayContext:
    """The surroundings of a relay; stands in Starlette's `app.state.context`.

    Attributes:
        store: carries out calls on Redis.
        sealer: opens bodies, seals and opens webhook tokens and secrets.
        clock_ms: Unix time in milliseconds.
        dice: a random number in [0, 1), for jitter.
        entropy: that many unguessable bytes, for ids and tokens.
        retry_schedule_s: pauses after the first, second, ... failed attempt, in seconds.
        lease_ms: how long a silent tunnel keeps its deliveries, in milliseconds; several heartbeats.
        heartbeat_s: seconds between two signs of life, in either direction.
        public_url: where senders reach the ingress, without a slash at the end.
        hourly_limit: accepted events per hour that a new webhook gets when its owner names no limit.
        trusted: the proxies whose word about their clients is believed.
        limits: what a gateway without limits of its own may have.
        queue_limit: events that may wait on the whole server.
        retention_ms: how long a body is kept at most, in milliseconds.
        ingress: the public door, where the tests of owners are sent.
        meters: is told what happens.
        account: tells agents what became of an event, in sentences.
    """

    store: AsyncStore
    sealer: Sealer
    clock_ms: Callable[[], int]
    dice: Callable[[], float]
    entropy: Callable[[int], bytes]
    retry_schedule_s: tuple[float, ...]
    lease_ms: int
    heartbeat_s: float
    public_url: str
    hourly_limit: int
    trusted: Networks = NOBODY
    limits: Limits = DEFAULTS
    queue_limit: int = 100_000
    retention_ms: int = 72 * 3_600_000
    ingress: IngressDoor = LOCAL
    meters: Meters = field(default_factory=Meters)
    account: Accounts = in_short
