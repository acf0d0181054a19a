"""A Redis round trip as a value: what to send and how to read the answer.

The store describes, `store.connect` carries out; so every command has one description, whether the
caller is a synchronous worker or an asynchronous door.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")

Argument = bytes | str | int | float
Command = tuple[Argument, ...]

# What Redis answers is known only to the parser that stands beside the command.
Reply = Any


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """Commands that are sent in one pipeline, and the parser of their replies.

    Every call may be sent twice: redis-py repeats it when a connection breaks before the answer came.
    """

    commands: tuple[Command, ...]
    parse: Callable[[Sequence[Reply]], T]

    def then(self, convert: Callable[[T], U]) -> "Call[U]":
        """The same round trip with its result converted."""
        return Call(self.commands, lambda replies: convert(self.parse(replies)))


def one(command: Command, parse: Callable[[Reply], T]) -> Call[T]:
    """A call of a single command."""
    return Call((command,), lambda replies: parse(replies[0]))


def together(calls: Sequence[Call[T]]) -> Call[list[T]]:
    """Several calls in one round trip."""
    ends: list[int] = []
    total = 0
    for call in calls:
        total += len(call.commands)
        ends.append(total)

    def parse(replies: Sequence[Reply]) -> list[T]:
        return [
            call.parse(replies[end - len(call.commands) : end]) for call, end in zip(calls, ends, strict=True)
        ]

    return Call(tuple(command for call in calls for command in call.commands), parse)


def text(value: Reply) -> str:
    """A bulk reply as text, "" for nil."""
    return value.decode() if value is not None else ""


def pairs(reply: Reply) -> dict[str, bytes]:
    """The flat reply of HGETALL, or of ZRANGE with scores, as a dictionary."""
    return {name.decode(): value for name, value in zip(reply[::2], reply[1::2], strict=True)}
