"""The desk: whom the tools ask. One stands beside the relay, one on the owner's machine."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

# JSON; what stands in it is agreed with the control API.
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a signing secret is that the gateway has just made. Never the secret.

    Attributes:
        place: where that is, for people: "the macOS Keychain".
        name: under which name.
        note: a sentence about who else can read it there, or why it is not in the vault; "" for neither.
        is_in_vault: whether the owner's vault has it; otherwise the gateway holds it until he pulls it.
    """

    place: str
    name: str
    note: str = ""
    is_in_vault: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """What became of an event, told step by step.

    Attributes:
        headline: what became of it.
        steps: what happened, in order.
        advice: what to do next; none when all is well.
    """

    headline: str
    steps: Sequence[str]
    advice: Sequence[str]


Accounts = Callable[[Json, frozenset[str], int], Account]
"""Tells what became of an event: as the control API tells it, who is served now, and the time in Unix ms."""


def in_short(event: Json, _served: frozenset[str], _now_ms: int) -> Account:
    """What became of an event, in a word."""
    return Account(str(event["outcome"]), (), ())


class Desk(Protocol):
    """Asks in the name of one gateway."""

    @property
    def is_stopping(self) -> bool:
        """Whether this process is about to end, so that long waits have to."""
        ...

    def now_ms(self) -> int:
        """Unix time in milliseconds."""
        ...

    async def ask(
        self, method: str, *path: str, query: Mapping[str, str] | None = None, body: Json | None = None
    ) -> Json:
        """The control API's answer to one question; {} when it is empty.

        Args:
            method: the HTTP method.
            path: its segments below the prefix, not yet quoted.
            query: parameters behind the path.
            body: what is sent along, as JSON.

        Raises:
            FleetError: it refused, or was not reached; the text says what to do.
        """
        ...

    async def keep(self, webhook: str) -> Kept:
        """Bring the secret that the gateway holds for a webhook to where its owner wants it.

        Never fails: what cannot be pulled now still waits. And never takes the place of a secret that the
        owner put there.

        Args:
            webhook: its name, as the caller knows it: the gateway's word could replace another secret.
        """
        ...

    def account(self, event: Json, served: frozenset[str]) -> Account:
        """What became of an event, in sentences.

        Args:
            event: as the control API tells it.
            served: names of the subscriptions that a live tunnel serves.
        """
        ...
