"""A shape: where a kind of host puts what we need of a payload."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from domain.event import Request
from domain.git.change import BRANCHES, Change
from domain.git.payloads.field import MAX_REF, Field
from domain.git.payloads.touched import Paths, unknown

MAX_EVENT: Final = 100


@dataclass(frozen=True, slots=True)
class Shape:
    """How to read the payloads of one kind of host.

    Attributes:
        pushes: the labels of its events that are pushes.
        label: the label of an event, by the request and its body. May raise InvalidInputError.
        urls: the fields with the URLs of the repository; those that do not exist are left out by the caller.
        changes: what a push changed. Raises InvalidInputError.
        default_branch: the field with the name of the default branch, if the host says it.
        paths: the files that the changes touched, None when the host does not say all of them.
        sends_forms: whether the host can be set to send its JSON in the field `payload` of a form.
    """

    pushes: frozenset[str]
    label: Callable[[Request, Field], str]
    urls: Callable[[Field], Sequence[Field]]
    changes: Callable[[Field], Sequence[Change]]
    default_branch: Callable[[Field], Field] | None = None
    paths: Callable[[Field, Sequence[Change]], Paths] = unknown
    sends_forms: bool = False


def header_label(*names: bytes) -> Callable[[Request, Field], str]:
    """A label that stands in a header, the first of these that is there (names in lower case)."""

    def label(request: Request, _: Field) -> str:
        found = next((value for value in map(request.header, names) if value), b"")
        return printable(found.decode("latin-1"))

    return label


def printable(text: str) -> str:
    """A label that is fit for a log: cut, and without what is not printable."""
    return "".join(char for char in text[:MAX_EVENT] if char.isprintable())


def branch_in(field: Field) -> str | None:
    """The branch that a field names, in full or not; None when it names none."""
    value = field.value
    if not isinstance(value, str) or len(value) > MAX_REF or not value.isprintable():
        return None
    return value.removeprefix(BRANCHES) or None
