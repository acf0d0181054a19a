"""Tunnels: what one that has nothing to do costs the relay that holds it, in memory and processor time."""

import os
import time
from collections.abc import Sequence
from typing import Any, Final

from bench import idlers
from bench.figures import Sample, Side
from bench.measurement import Scale
from bench.processor import Processor
from bench.stack import Stack, new
from bench.waiting import until
from domain.gateway import Gateway
from domain.subscription import Subscription
from domain.webhook import Webhook
from store import gateways, subscriptions, tokens, webhooks
from store.calls import Call, together
from store.webhooks import StoredWebhook

_PER_GATEWAY: Final = 10
_AT_ONCE: Final = 200
_BEATS: Final = 3
"""Heartbeats of every tunnel before memory is read, and while processor time is."""

_PATIENCE_S: Final = 300.0
_KIB: Final = 1024
_PERCENT: Final = 100


def idle(scale: Scale) -> Sample:
    """KiB of a relay's memory for each idle tunnel; the first ones, which make room for all, do not count."""
    with Stack(profile=scale.profile) as stack:
        port = stack.relay()
        _hold(stack, port, scale.warm)
        before = stack.memory_bytes("relay")
        holder = _hold(stack, port, scale.events)
        _beat(stack, holder, scale.events)
        after = stack.memory_bytes("relay")
        began = time.monotonic()
        with Processor(stack) as processor:
            _beat(stack, holder, scale.events)
        seconds = time.monotonic() - began
        held = scale.warm + scale.events
        shares = {
            name.replace("cpu_us", "cpu_percent"): spent / 1_000_000 * _PERCENT
            for name, spent in processor.per(1).items()
        }
        return Sample(
            (after - before) / scale.events / _KIB,
            {"tunnels": held, "relay_mib": after / _KIB / _KIB, **_each_second(shares, seconds)},
        )


def notes(side: Side) -> Sequence[str]:
    """What so many tunnels cost in all."""
    found = side.details
    relay, redis = (found[f"cpu_percent {name}"] for name in ("relay", "redis"))
    held = f"a relay with {found['tunnels']:,.0f} tunnels: {found['relay_mib']:,.0f} MiB in all"
    cores = f"{relay:.0f} % of a core, and {redis:.0f} % of one for Redis"
    return (f"{held}, {cores}; what the kernel keeps for each connection is not counted",)


def _each_second(spent: dict[str, float], seconds: float) -> dict[str, float]:
    return {name: value / seconds for name, value in spent.items()}


def _hold(stack: Stack, port: int, count: int) -> int:
    """Have so many tunnels open; the port of the process that holds them."""
    each = min(_PER_GATEWAY, count)
    file = stack.folder / f"tokens-{count}"
    file.write_text("\n".join(_owners(stack, count // each)))
    holder = stack.door(f"idlers-{count}", "bench.idlers", str(file), str(each), str(port))

    def opened() -> bool:
        stack.check()
        return idlers.ask(holder)["open"] == count // each * each

    until("the tunnels are open", opened, _PATIENCE_S)
    return holder


def _beat(stack: Stack, holder: int, tunnels: int) -> None:
    """Wait until every tunnel has beaten some times."""
    first = idlers.ask(holder)["beats"]

    def beaten() -> bool:
        stack.check()
        return idlers.ask(holder)["beats"] >= first + _BEATS * tunnels

    until("heartbeats", beaten, _PATIENCE_S)


def _owners(stack: Stack, count: int) -> list[str]:
    """So many gateways, each with a webhook and a subscription; their access tokens."""
    made: list[str] = []
    for start in range(0, count, _AT_ONCE):
        found = [_owner() for _ in range(min(_AT_ONCE, count - start))]
        stack.store.run(together([call for _, calls in found for call in calls]))
        made += [token for token, _ in found]
    return made


def _owner() -> tuple[str, list[Call[Any]]]:
    now = time.time_ns() // 1_000_000
    gateway, token = new("gw", now), tokens.access_token(os.urandom(tokens.ACCESS_TOKEN_BYTES))
    webhook = Webhook(
        new("whk", now),
        gateway,
        "bench",
        "",
        "github",
        require_signature=True,
        hourly_limit=1,
        created_at=now,
        version=1,
    )
    served = Subscription(new("sub", now), gateway, idlers.SUBSCRIPTION, (webhook.id,), (), 30, now)
    return token, [
        gateways.create(Gateway(gateway, gateway, now), tokens.hashed(token)),
        webhooks.create(StoredWebhook(webhook, b"nobody calls", b""), webhook.id),
        subscriptions.create(served),
    ]
