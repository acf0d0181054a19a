"""The subscription of one who listens: it ends with him, or soon after, unless he wants it kept."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cli.client import ApiError, ControlApi, Json, RefusedError
from cli.listen import naming
from cli.listen.opening import LINGER_S
from domain.errors import InvalidInputError

_ENTROPY_BYTES: Final = 5
_NAME_TAKEN: Final = "name_taken"
_NOT_FOUND: Final = "not_found"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is subscribed to.

    Attributes:
        machine: what this machine is called in names.
        webhooks: names of the webhooks.
        events: globs over event types; none: every event.
        timeout_s: how long one attempt may take, in seconds.
        is_kept: whether events wait after the end.
    """

    machine: str
    webhooks: Sequence[str]
    events: Sequence[str]
    timeout_s: int
    is_kept: bool


class Subscribed:
    """A subscription, from beginning to end."""

    def __init__(self, api: ControlApi, wanted: Wanted) -> None:
        """Subscribe: a new subscription, or the kept one that is there.

        Args:
            api: the control API.
            wanted: what is subscribed to.

        Raises:
            InvalidInputError: the kept one is for something else.
            ApiError: the relay was not reached, or it refused.
        """
        self._api = api
        self._wanted = wanted
        self.subscription = _subscribe(api, wanted)

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.subscription["name"])

    def renew(self) -> None:
        """Subscribe anew: the one before has ended.

        Raises:
            ApiError: the relay was not reached, or it refused.
        """
        self.subscription = _subscribe(self._api, self._wanted)

    def leave(self) -> bool:
        """Remove it, unless it is to be kept. False: the relay was not reached, so it ends by itself."""
        if self._wanted.is_kept:
            return False
        try:
            self._api.ask("DELETE", "subscriptions", self.subscription["id"])
        except RefusedError as error:
            return error.code == _NOT_FOUND
        except ApiError:
            return False
        return True


def _subscribe(api: ControlApi, wanted: Wanted) -> Json:
    if wanted.is_kept:
        return _kept(api, wanted)
    name = naming.passing_subscription(wanted.machine, os.urandom(_ENTROPY_BYTES))
    return api.ask("POST", "subscriptions", body=_wish(name, wanted, LINGER_S))


def _kept(api: ControlApi, wanted: Wanted) -> Json:
    name = naming.kept_subscription(wanted.machine, wanted.webhooks)
    wish = _wish(name, wanted, 0)
    try:
        return api.ask("POST", "subscriptions", body=wish)
    except RefusedError as error:
        if error.code != _NAME_TAKEN:
            raise
    found = api.ask("GET", "subscriptions", name)
    if any(sorted(found[each]) != sorted(wish[each]) for each in ("webhooks", "events")):
        raise InvalidInputError(
            "keep",
            f"Subscription {name}, which an earlier --keep left, is for other webhooks or events:"
            f" 'fleet subscriptions remove {name}', or leave --keep out.",
        )
    return found


def _wish(name: str, wanted: Wanted, linger_s: int) -> Json:
    return {
        "name": name,
        "webhooks": list(wanted.webhooks),
        "events": list(wanted.events),
        "timeout_s": wanted.timeout_s,
        "linger_s": linger_s,
    }
