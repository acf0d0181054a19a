"""The place of a canary: where its events go in, and where they come out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from domain.canary import Failure
from domain.errors import FleetError


@dataclass(frozen=True, slots=True)
class Place:
    """A webhook and a subscription to it.

    Attributes:
        url: the public address of the webhook; as good as a password.
        secret: what events are signed with there.
        subscription: name of the subscription.
    """

    url: str = field(repr=False)
    secret: bytes = field(repr=False)
    subscription: str


class NoPlaceError(FleetError):
    """The place cannot be had now; the text says why.

    Attributes:
        failure: the same for programs.
    """

    def __init__(self, failure: Failure, sentence: str) -> None:
        super().__init__(sentence)
        self.failure = failure


Prepare = Callable[[], Awaitable[Place]]
"""Makes sure that the place is there. Raises NoPlaceError."""
