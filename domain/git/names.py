"""Names: how Kubernetes spells those of its resources, and Git those of branches and tags."""

import re
from typing import Final

from domain.errors import InvalidInputError

MAX_NAME_CHARS: Final = 253
MAX_NAMESPACE_CHARS: Final = 63
MAX_REF_CHARS: Final = 255

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_NAMESPACE: Final = re.compile(_LABEL)
_NAME: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")

# What git check-ref-format refuses, but that a name may have a single part.
_NO_REF: Final = re.compile(
    r"""[\x00-\x20\x7f~^:?*\[\\]  # what a shell or Git itself would read, and what no line may hold
    | \.\. | @\{ | // | ^/ | /$ | \.$ | ^@$ | ^-
    | (?:^|/)\. | \.lock(?:/|$)""",
    re.VERBOSE,
)


def checked_name(field: str, name: str) -> str:
    """The name itself when a resource may have it: a DNS subdomain (RFC 1123), as Kubernetes has it.

    Raises:
        InvalidInputError: it may not.
    """
    if len(name) > MAX_NAME_CHARS or _NAME.fullmatch(name) is None:
        raise InvalidInputError(
            field,
            f"{field} cannot be a name: use 1 to {MAX_NAME_CHARS} of a-z, 0-9, '-' and '.', each part"
            " beginning and ending with a letter or digit.",
        )
    return name


def checked_namespace(field: str, name: str) -> str:
    """The name itself when a namespace may have it: a DNS label (RFC 1123), as Kubernetes has it.

    Raises:
        InvalidInputError: it may not.
    """
    if len(name) > MAX_NAMESPACE_CHARS or _NAMESPACE.fullmatch(name) is None:
        raise InvalidInputError(
            field,
            f"{field} cannot be a namespace: use 1 to {MAX_NAMESPACE_CHARS} of a-z, 0-9 and '-', beginning"
            " and ending with a letter or digit.",
        )
    return name


def checked_ref(field: str, name: str) -> str:
    """The name itself when a branch or tag may have it (git check-ref-format); "" is none and stays so.

    Raises:
        InvalidInputError: it may not.
    """
    if len(name) > MAX_REF_CHARS or _NO_REF.search(name):
        raise InvalidInputError(
            field, f"{field} cannot be the name of a branch, tag or commit in Git (git check-ref-format)."
        )
    return name
