"""Who may send to a webhook: addresses, networks and names of lists, as the owner wrote them."""

from collections.abc import Mapping, Sequence
from typing import Final

from domain.errors import InvalidInputError
from domain.networks import NOBODY, Networks, network_of

MAX_ALLOWED: Final = 100
"""How many entries one webhook may have. A list of a name counts as one."""

LIST_MARK: Final = "@"
"""What the name of a list begins with, so that it is never taken for an address or a host."""

_SHOWN_CHARS: Final = 64


def checked_entries(entries: Sequence[str]) -> tuple[str, ...]:
    """The entries as they are kept: networks in their shortest form, each entry once.

    Raises:
        InvalidInputError: too many entries, or one that is neither a network nor a name of a list.
    """
    if len(entries) > MAX_ALLOWED:
        raise InvalidInputError("allow_ips", f"At most {MAX_ALLOWED} allowed addresses are possible.")
    return tuple(dict.fromkeys(map(_checked, entries)))


def _checked(entry: str) -> str:
    if entry.startswith(LIST_MARK) and len(entry) > len(LIST_MARK):
        return entry
    try:
        network = network_of(entry)
    except ValueError as error:
        shown = repr(entry[:_SHOWN_CHARS])
        raise InvalidInputError(
            "allow_ips", f"{shown} cannot be allowed; {error}, or the name of a list such as @github."
        ) from None
    one = network.prefixlen == network.max_prefixlen
    return str(network.network_address if one else network)


def list_names(entries: Sequence[str]) -> tuple[str, ...]:
    """The names of the lists among the entries, without their mark."""
    return tuple(entry.removeprefix(LIST_MARK) for entry in entries if entry.startswith(LIST_MARK))


def require_known(entries: Sequence[str], known: Sequence[str]) -> None:
    """Check that every list that is named exists.

    Raises:
        InvalidInputError: one does not.
    """
    for name in list_names(entries):
        if name not in known:
            choice = ", ".join(f"{LIST_MARK}{each}" for each in sorted(known))
            shown = repr(f"{LIST_MARK}{name}"[:_SHOWN_CHARS])
            raise InvalidInputError("allow_ips", f"There is no list {shown}; choose one of {choice}.")


def allowed_networks(entries: Sequence[str], lists: Mapping[str, Networks]) -> tuple[Networks, ...]:
    """The networks that entries stand for. A list that is not there has none: it lets nobody in.

    Args:
        entries: checked entries.
        lists: the networks of the lists among them.
    """
    own = Networks.of(entry for entry in entries if not entry.startswith(LIST_MARK))
    named = (lists.get(name, NOBODY) for name in list_names(entries))
    return tuple(networks for networks in (own, *named) if networks)
