"""What somebody who begins to listen wants to know."""

from dataclasses import dataclass
from typing import Final

from cli.client import Json
from cli.listen.destination import Destination
from cli.listen.hooks import Hook

LINGER_S: Final = 3600
"""How long events wait for a machine that sleeps. Longer, they are stale, and too many come at once."""


@dataclass(frozen=True, slots=True)
class Other:
    """Another subscription to one of the webhooks.

    Attributes:
        name: what it is called.
        is_connected: whether a tunnel serves it now.
    """

    name: str
    is_connected: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """How it begins.

    Attributes:
        hooks: the webhooks that are listened to.
        to: where their events go.
        is_up: whether something listens there already.
        is_checked: whether the certificate of an https program is checked.
        subscription: what hears the webhooks.
        others: who else hears them.
        vault: where this machine keeps secrets, in words; "" when it cannot.
    """

    hooks: tuple[Hook, ...]
    to: Destination
    is_up: bool
    is_checked: bool
    subscription: Json
    others: tuple[Other, ...]
    vault: str

    @property
    def is_kept(self) -> bool:
        """Whether events wait after the end of this."""
        return self.subscription["linger_s"] == 0


def others_of(subscriptions: list[Json], own: str, webhooks: list[str], tunnels: list[Json]) -> list[Other]:
    """Who else hears some webhooks.

    Args:
        subscriptions: all of the gateway.
        own: the name of ours.
        webhooks: names of the webhooks.
        tunnels: those that are open, as `GET /status` tells them.
    """
    served = {name for each in tunnels for name in each["subscriptions"]}
    return [
        Other(each["name"], is_connected=each["name"] in served)
        for each in subscriptions
        if each["name"] != own and set(webhooks).intersection(each["webhooks"])
    ]
