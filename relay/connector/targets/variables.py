"""The environment of a program: what its owner gives it, and FLEET_* variables about the delivery."""

import os
import re
from collections.abc import Iterable, Mapping
from typing import Final

from domain import variables as names
from domain.errors import InvalidInputError
from relay.connector.exact_request import as_text
from relay.connector.target import Arrival

_HEADER: Final = re.compile(r"[a-z0-9-]{1,100}")
MAX_VALUE_BYTES: Final = 32 * 1024
"""Linux takes 128 KiB for one variable (execve(2), MAX_ARG_STRLEN), and about 2 MiB for all."""


def environment(given: Mapping[str, str], arrival: Arrival, headers: Iterable[str]) -> dict[str, str]:
    """The whole environment of a program.

    A value that an environment cannot hold (it has a NUL, cannot be encoded or is too long) is left out
    whole rather than changed, and FLEET_LEFT_OUT names its variable. Everything else stands as it was sent,
    line breaks and "=" too: a variable ends at its NUL.

    Args:
        given: what the owner gives it; nothing else of ours goes along.
        arrival: the delivery.
        headers: names of the headers to hand over, in lower case.
    """
    said = _said(arrival) | {
        variable_of(name): as_text(b", ".join(values))
        for name in headers
        if (values := arrival.request.header_values(name.encode()))
    }
    held = {name: value for name, value in said.items() if _can_be_held(value)}
    left_out = ",".join(name for name in said if name not in held)
    return {**given, **held, **({names.LEFT_OUT: left_out} if left_out else {})}


def variable_of(header: str) -> str:
    """The variable of a header: FLEET_HEADER_X_GITHUB_EVENT of x-github-event."""
    return names.HEADER_PREFIX + header.upper().replace("-", "_")


def checked_header_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names of headers that are handed over, in lower case.

    Raises:
        InvalidInputError: one of them cannot be a variable. With "_" two headers could be the same one.
    """
    found = tuple(each.lower() for each in names)
    if bad := [each for each in found if not _HEADER.fullmatch(each)]:
        raise InvalidInputError(
            "headers",
            f"{bad[0][:64]!r} cannot be handed over: use letters, digits and '-', as in x-github-event.",
        )
    return found


def _said(arrival: Arrival) -> dict[str, str]:
    request = arrival.request
    return {
        names.EVENT: arrival.event,
        names.DELIVERY: arrival.delivery,
        names.ATTEMPT: str(arrival.attempt),
        names.SUBSCRIPTION: arrival.subscription,
        names.WEBHOOK: arrival.webhook,
        names.SENDER: arrival.sender,
        names.EVENT_TYPE: arrival.event_type,
        names.VERIFIED: arrival.scheme or "no",
        names.RECEIVED_AT: str(arrival.received_at),
        names.METHOD: request.method,
        names.PATH: as_text(request.path),
        names.QUERY: as_text(request.query),
        names.CONTENT_TYPE: as_text(request.header(b"content-type") or b""),
    }


def _can_be_held(value: str) -> bool:
    try:
        raw = os.fsencode(value)
    except UnicodeEncodeError:
        return False
    return b"\0" not in raw and len(raw) <= MAX_VALUE_BYTES
