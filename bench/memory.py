"""Memory: what an event that waits costs Redis."""

from typing import Final

from bench.accept import CONNECTIONS
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


def _used(stack: Stack) -> int:
    info: bytes = stack.store.client.execute_command("INFO", "memory")
    facts = dict(line.split(b":", 1) for line in info.splitlines() if b":" in line)
    return int(facts[b"used_memory"])
