"""Frames: what goes through the pipes between a worker and the process that evaluates its expressions.

A frame is its length (4 bytes, big endian) and so many bytes. The process says that it is ready. The worker
sends the facts of an event, which are not answered, and expressions about it, each of which is.
"""

import json
from dataclasses import dataclass
from typing import Final

from domain.envelope import pack, unpack
from domain.expression.facts import Facts

LENGTH_BYTES: Final = 4
MAX_FRAME_BYTES: Final = 4 * 1024 * 1024
"""More than any event has: a body and its headers are far below that."""

FACTS: Final = b"F"
EXPRESSION: Final = b"E"
READY: Final = b"ready"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the evaluation of one expression came to.

    Attributes:
        found: whether the event fulfils it; or why that cannot be said, see `domain.expression.failure`.
        cpu_ms: how much time of a processor it took, for the first one about an event the reading included.
    """

    found: bool | str
    cpu_ms: float


def framed(content: bytes) -> bytes:
    """A frame."""
    return len(content).to_bytes(LENGTH_BYTES) + content


def written_facts(facts: Facts) -> bytes:
    """The facts of an event as a frame's content."""
    head = json.dumps(
        {
            "event": facts.event,
            "event_type": facts.event_type,
            "event_types": facts.event_types,
            "webhook": facts.webhook,
            "sender": facts.sender,
            "is_verified": facts.is_verified,
            "received_at": facts.received_at,
        }
    ).encode()
    return FACTS + framed(head) + pack(facts.request)


def read_facts(content: bytes) -> Facts:
    """The facts in a frame's content, without its mark."""
    start = LENGTH_BYTES + int.from_bytes(content[:LENGTH_BYTES])
    head = json.loads(content[LENGTH_BYTES:start])
    types = tuple(head.pop("event_types"))
    return Facts(request=unpack(content[start:]), event_types=types, **head)


def written_judgement(judgement: Judgement) -> bytes:
    """A judgement as a frame's content."""
    return json.dumps([judgement.found, judgement.cpu_ms]).encode()


def read_judgement(content: bytes) -> Judgement:
    """The judgement in a frame's content."""
    found, cpu_ms = json.loads(content)
    return Judgement(found, cpu_ms)
