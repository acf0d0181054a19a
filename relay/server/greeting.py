"""Greeting: a connector's hello becomes an open tunnel with a lease, or a refusal that says what is wrong."""

from collections.abc import Sequence
from typing import Final

from domain.subscription import Subscription
from relay.server.context import RelayContext
from relay.server.endings import RefusedError
from relay.tunnel.fields import printable
from relay.tunnel.messages import MAX_SENTENCE_CHARS, Hello, Served, Welcome
from relay.tunnel.problem import Problem, ProblemCode
from store import subscriptions, tunnels
from store.calls import together

_SESSION_BYTES: Final = 12
_ENDED: Final = Problem(
    ProblemCode.UNKNOWN_SUBSCRIPTION,
    "A subscription of this tunnel has just ended; 'fleet subscriptions list' shows what there is.",
)


async def welcome_of(context: RelayContext, gateway: str, hello: Hello) -> Welcome:
    """What a connector is answered.

    Raises:
        RefusedError: it names a subscription that the gateway does not have.
        redis.exceptions.RedisError: Redis is away.
    """
    calls = [subscriptions.find(gateway, name) for name in hello.subscriptions]
    found = await context.store.run(together(calls))
    served = [
        Served(name, subscription.id, subscription.timeout_s)
        for name, subscription in zip(hello.subscriptions, found, strict=True)
        if subscription is not None
    ]
    if len(served) < len(found):
        raise RefusedError(_unknown(hello.subscriptions, found))
    session = context.entropy(_SESSION_BYTES).hex()
    return Welcome(session, context.lease_ms / 1000, context.heartbeat_s, tuple(served))


async def is_outdated(context: RelayContext, gateway: str, welcome: Welcome) -> bool:
    """Whether a name that a tunnel serves stands for another subscription by now. A removed one is none.

    Raises:
        redis.exceptions.RedisError: Redis is away.
    """
    calls = [subscriptions.find(gateway, served.name) for served in welcome.subscriptions]
    found = await context.store.run(together(calls))
    return any(
        subscription is not None and subscription.id != served.id
        for served, subscription in zip(welcome.subscriptions, found, strict=True)
    )


def _unknown(names: Sequence[str], found: Sequence[Subscription | None]) -> Problem:
    missing = [repr(name) for name, subscription in zip(names, found, strict=True) if subscription is None]
    noun = "subscription" if len(missing) == 1 else "subscriptions"
    sentence = (
        f"This gateway has no {noun} {', '.join(missing)};"
        f" 'fleet subscriptions add {names[found.index(None)]} --webhook WEBHOOK' makes one."
    )
    return Problem(ProblemCode.UNKNOWN_SUBSCRIPTION, printable(sentence, MAX_SENTENCE_CHARS))


async def claim(context: RelayContext, gateway: str, hello: Hello, welcome: Welcome, address: str) -> int:
    """Claim the lease, for a connection from this address. Returns how many deliveries went back.

    Raises:
        RefusedError: a subscription ended since it was found.
        redis.exceptions.RedisError: Redis is away.
    """
    claimed = tunnels.Claim(
        hello.tunnel,
        welcome.session,
        [served.id for served in welcome.subscriptions],
        [(held.delivery, held.attempt) for held in hello.holding],
        hello.name,
        address,
        hello.release,
    )
    went_back = await context.store.run(
        tunnels.open_tunnel(gateway, claimed, context.clock_ms(), context.lease_ms)
    )
    if went_back is None:
        raise RefusedError(_ENDED)
    return went_back
