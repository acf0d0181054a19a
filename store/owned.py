"""What webhooks and subscriptions have in common: a gateway owns them and knows them by name and by id."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from domain.errors import FleetError, NameTakenError
from store.calls import Call, Command, Reply, one, pairs, text
from store.scripts import load

OwnedKind = Literal["webhook", "subscription"]
LimitedKind = Literal["webhook", "subscription", "repo"]

Row = tuple[str, dict[str, bytes]]
"""An id and the fields of its hash."""

_NAME_TAKEN: Final = 0

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Look:
    """Which part of what a gateway owns is asked for, oldest first.

    Attributes:
        most: how many things at most.
        after: the id after which it begins; "": at the first.
        part: what their names contain; "": anything.
    """

    most: int
    after: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Part(Generic[Thing]):
    """A part of what a gateway owns.

    Attributes:
        things: what stands there, oldest first.
        next: the id after which the next part begins; None: there is none.
    """

    things: list[Thing]
    next: str | None


class LimitReachedError(FleetError):
    """The gateway has as many things of a kind as it may have."""

    def __init__(self, kind: LimitedKind, limit: int) -> None:
        super().__init__(
            f"This gateway may have {limit} {kind}s and has them; delete one first,"
            f" or ask for more where the server runs ('fleet gateways limits')."
        )
        self.kind = kind
        self.limit = limit


def rows(reply: Reply) -> list[Row]:
    """A reply of rows, each of them an id and the flat fields of its hash."""
    return [(text(each[0]), pairs(each[1])) for each in reply]


def part_of(kind: OwnedKind, gateway: str, look: Look, read: Callable[[Row], Thing]) -> Call[Part[Thing]]:
    """Some of what a gateway owns, each made of its row by `read`."""
    command = load("page_owned").command(kind, gateway, look.after, look.most, look.part)
    return one(command, lambda reply: Part([read(row) for row in rows(reply[1])], text(reply[0]) or None))


def find(kind: OwnedKind, gateway: str, name_or_id: str) -> Call[Row | None]:
    """The one of that name, else of that id. None when the gateway owns no such thing."""
    command = load("read_owned").command(kind, gateway, name_or_id)
    return one(command, lambda reply: next(iter(rows(reply)), None))


def create(kind: OwnedKind, name: str, command: Command) -> Call[Reply]:
    """A call of a script that creates an owned thing.

    Raises:
        NameTakenError: another one has that name (when the reply is parsed, as below).
        LimitReachedError: the gateway has too many of them.
    """

    def parse(reply: Reply) -> Reply:
        if reply == _NAME_TAKEN:
            raise NameTakenError(kind, name)
        if isinstance(reply, int) and reply < 0:
            raise LimitReachedError(kind, -1 - reply)
        return reply

    return one(command, parse)
