"""Wishes: what an owner wants done with the deliveries of a subscription, checked before all else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.errors import FleetError
from relay.connector.targets.command import Command
from relay.connector.targets.http import HttpOptions


class TargetsError(FleetError):
    """Targets that cannot be used as they are written; the text says where and what to do."""


@dataclass(frozen=True, slots=True)
class HttpWish:
    """Bring them to a URL.

    Attributes:
        url: where.
        options: how.
    """

    url: str
    options: HttpOptions = field(default_factory=HttpOptions)


@dataclass(frozen=True, slots=True)
class ProgramWish:
    """Run a program for each.

    Attributes:
        command: which, and how.
        template: of the prompt that it gets; None: it gets the body.
    """

    command: Command
    template: str | None = None


@dataclass(frozen=True, slots=True)
class VerifyWish:
    """Verify each here first.

    Attributes:
        place: where this is written, for people.
        sender: key of the sender.
        secrets: names in the vault.
        parameters: what else the sender was told.
        url: the address as it stands at the sender, where that is signed.
        any_path: let method, path and query pass that nobody has signed.
    """

    place: str
    sender: str
    secrets: tuple[str, ...]
    parameters: Mapping[str, str]
    url: str | None
    any_path: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """What an owner wants done with the deliveries of one subscription.

    Attributes:
        name: of the subscription.
        to: where they are brought.
        verify: how they are verified first, here; None: not at all.
    """

    name: str
    to: HttpWish | ProgramWish
    verify: VerifyWish | None = None

    @property
    def own_concurrency(self) -> int | None:
        """How many at a time, where that is a matter of this target alone."""
        return self.to.command.concurrency if isinstance(self.to, ProgramWish) else None
