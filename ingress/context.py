"""What the ingress is given at its start, frozen."""

from collections.abc import Callable
from dataclasses import dataclass, field

from domain.networks import NOBODY, Networks
from ingress.meters import Meters
from store.connect import AsyncStore
from store.events import BatchLimits
from store.sealing import Sealer


@dataclass(frozen=True, slots=True)
class IngressContext:
    """Everything the ingress needs from outside.

    Attributes:
        store: the connection to Redis.
        sealer: seals what is kept.
        clock_ms: Unix time in milliseconds.
        entropy: random bytes.
        limits: of batches and the queue.
        public_url: what the addresses of webhooks begin with; some senders sign it.
        high_water: share of Redis' maxmemory above which nothing is accepted.
        trusted: the proxies whose word about their clients is believed.
        git_gateway: name or id of the gateway whose Git receiver is at `/`; "": there is none.
        meters: is told what happens.
    """

    store: AsyncStore
    sealer: Sealer
    clock_ms: Callable[[], int]
    entropy: Callable[[int], bytes]
    limits: BatchLimits
    public_url: str
    high_water: float
    trusted: Networks = NOBODY
    git_gateway: str = ""
    meters: Meters = field(default_factory=Meters)
