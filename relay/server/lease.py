"""The lease of a tunnel: what it serves, and the right to take deliveries of that."""

from contextlib import suppress

import structlog
from redis.exceptions import RedisError

from relay.server import greeting
from relay.server.context import RelayContext
from relay.server.endings import LOST, RefusedError
from relay.tunnel.messages import Hello, Welcome
from relay.tunnel.server_machine import Ask
from store import deliveries, tunnels
from store.deliveries import Taken

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Lease:
    """The lease of one connection, from its hello to its end."""

    def __init__(self, context: RelayContext, gateway: str) -> None:
        self._context = context
        self._welcome: Welcome | None = None
        self._timeouts: dict[str, int] = {}
        self._calls = 0
        self.gateway = gateway
        self.tunnel = ""
        self.session = ""
        self.is_held = False

    @property
    def served(self) -> tuple[str, ...]:
        """Ids of the subscriptions that it is for."""
        return tuple(self._timeouts)

    def timeout_s(self, subscription: str) -> int:
        """How long an attempt for a subscription that it is for may be silent, in seconds."""
        return self._timeouts[subscription]

    async def prepare(self, hello: Hello) -> Welcome:
        """Find what a connector asks for. Nothing is claimed yet.

        Raises:
            RefusedError: it names a subscription that the gateway does not have.
            redis.exceptions.RedisError: Redis is away.
        """
        welcome = await greeting.welcome_of(self._context, self.gateway, hello)
        self.tunnel, self.session = hello.tunnel, welcome.session
        self._timeouts = {served.id: served.timeout_s for served in welcome.subscriptions}
        return welcome

    async def claim(self, hello: Hello, welcome: Welcome, address: str) -> None:
        """Claim the lease, for a connection from this address: the tunnel is open.

        Raises:
            RefusedError: a subscription ended since it was found.
            redis.exceptions.RedisError: Redis is away.
        """
        went_back = await greeting.claim(self._context, self.gateway, hello, welcome, address)
        self.is_held = True
        self._welcome = welcome
        self._context.meters.opened()
        _log.info(
            "tunnel_opened",
            gateway=self.gateway,
            tunnel=self.tunnel,
            address=address,
            name=hello.name,
            version=hello.release,
            subscriptions=hello.subscriptions,
            credit=hello.credit,
            holding=len(hello.holding),
            went_back=went_back,
        )

    async def is_outdated(self) -> bool:
        """Whether a name that it is for stands for another subscription by now.

        Raises:
            redis.exceptions.RedisError: Redis is away.
        """
        welcome = self._welcome
        return welcome is not None and await greeting.is_outdated(self._context, self.gateway, welcome)

    async def take(self, ask: Ask) -> list[Taken]:
        """Take what the machine asks for.

        Raises:
            RefusedError: the lease has ended.
            redis.exceptions.RedisError: Redis is away.
        """
        self._calls += 1
        wanted = [(subscription, self._timeouts[subscription]) for subscription in ask.subscriptions]
        who, now_ms = (self.gateway, self.tunnel, self.session), self._context.clock_ms()
        call = deliveries.take(*who, self._calls, wanted, ask.count, now_ms)
        taken = await self._context.store.run(call)
        if taken is None:
            raise RefusedError(LOST)
        return taken

    async def give_back(self) -> None:
        """Give it back with all that was taken; without Redis it ends by itself."""
        self.is_held = False
        call = tunnels.close_tunnel(self.gateway, self.tunnel, self.session, self._context.clock_ms())
        try:
            await self._context.store.run(call)
        except (RedisError, OSError) as error:
            _log.warning("tunnel_not_given_back", tunnel=self.tunnel, error=type(error).__name__)

    async def note_loss(self) -> None:
        """Its connection is gone, and may be back before it ends."""
        call = tunnels.lose(self.gateway, self.tunnel, self.session, self._context.clock_ms())
        # Who cannot note it need not: the end of the lease tells the same, only later.
        with suppress(RedisError, OSError):
            await self._context.store.run(call)
