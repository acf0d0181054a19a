"""Memory: what events cost Redis, while they wait and after."""

import time
from typing import Final

from bench.accept import CONNECTIONS
from bench.crowd import gather
from bench.figures import Sample
from bench.load import Load, post
from bench.measurement import Scale
from bench.stack import Stack

SIZE: Final = 1024


def waiting(scale: Scale) -> Sample:
    """Bytes of Redis' memory per event of 1 KiB that was accepted and waits."""
    with Stack(profile=scale.profile) as stack:
        port, target = stack.ingress(), stack.target()
        post(Load(port, target.path, SIZE, scale.warm, CONNECTIONS))
        before = _used(stack)
        post(Load(port, target.path, SIZE, scale.events, CONNECTIONS))
        stack.check()
        return Sample((_used(stack) - before) / scale.events)


def logged(scale: Scale) -> Sample:
    """Bytes of Redis' memory per event that the event log remembers, when one in two was delivered once."""
    with Stack("everysec", profile=scale.profile) as stack:
        gather(stack, 1, scale.warm, 0, _now_ms())
        before = _used(stack)
        gather(stack, 1, scale.events, 0, _now_ms())
        return Sample((_used(stack) - before) / scale.events)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _used(stack: Stack) -> int:
    info: bytes = stack.store.client.execute_command("INFO", "memory")
    facts = dict(line.split(b":", 1) for line in info.splitlines() if b":" in line)
    return int(facts[b"used_memory"])
