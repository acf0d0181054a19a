"""The webhooks that are listened to: found or made, and where their secrets are."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cli.client import ApiError, ControlApi, Json
from cli.paging import every
from cli.vault import Vault, VaultError
from domain.errors import FleetError, InvalidInputError
from domain.senders import SENDERS
from domain.webhook import GIT

_MADE: Final = "Made by 'fleet listen'."


class Whereabouts(StrEnum):
    """Where the secret of a webhook is."""

    VAULT = "vault"
    GATEWAY = "gateway"
    HELD = "held"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook that is listened to.

    Attributes:
        view: what the control API says of it.
        is_new: whether it was made just now.
        secret: where its secret is.
        trouble: why the secret is not in the vault, where it should be; "" when nothing went wrong.
        next_step: what has to be done before signed events pass; "" for nothing.
    """

    view: Json
    is_new: bool
    secret: Whereabouts
    trouble: str
    next_step: str

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.view["name"])

    @property
    def title(self) -> str:
        """Who sends to it."""
        sender = self.view["sender"]
        return SENDERS[sender].title if sender in SENDERS else str(sender)

    @property
    def is_open(self) -> bool:
        """Whether whoever knows its URL can send."""
        return self.view["signature"] == "unverified"


class Keeper:
    """Makes webhooks, and brings secrets that wait for their owner into the vault."""

    def __init__(self, api: ControlApi, vault: Vault | VaultError) -> None:
        """Makes nothing yet.

        Args:
            api: the control API.
            vault: of this machine; or why there is none.
        """
        self._api = api
        self._vault = vault

    def hooks(self, names: Sequence[str], sender: str | None, default: str) -> list[Hook]:
        """The webhooks of these names; those that are missing are made, if it is known who will call.

        Args:
            names: as they were typed; none means `default`.
            sender: key of who will call, if it was said.
            default: the webhook of this machine.

        Raises:
            InvalidInputError: one is missing, or is another sender's.
            ApiError: the relay refused.
        """
        known = {each["name"]: each for each in every(self._api, "webhooks")}
        found = {name: known.get(name) for name in names or [default]}
        for name, view in found.items():
            # All of them before the first one is made.
            _check(name, view, sender, is_default=not names)
        return [self._made(name, sender) if view is None else self._used(view) for name, view in found.items()]

    def _made(self, name: str, sender: str | None) -> Hook:
        key = sender or (name if name in SENDERS or name == GIT else None)
        wish: Json = {"name": name, "description": _MADE, "hold_secret": True}
        if key is not None:
            # Who says who will call wants to be sure of it.
            wish |= {"sender": key, "require_signature": key != GIT and bool(SENDERS[key].schemes)}
        made = self._api.ask("POST", "webhooks", body=wish)
        step = str(made["next_step"])
        hook = self._used(made)
        waits = _waits(name)
        if hook.secret is Whereabouts.VAULT:
            step = step.removeprefix(waits).strip()
        return Hook(made, is_new=True, secret=hook.secret, trouble=hook.trouble, next_step=step)

    def _used(self, view: Json) -> Hook:
        secret, trouble = self._whereabouts(view)
        step = "" if secret is not Whereabouts.NOWHERE else _how_to_store(view)
        return Hook(view, is_new=False, secret=secret, trouble=trouble, next_step=step)

    def _whereabouts(self, view: Json) -> tuple[Whereabouts, str]:
        if view["held"]:
            return self._pulled(str(view["name"]))
        if not view["secrets"]:
            return Whereabouts.NOWHERE, ""
        if isinstance(self._vault, VaultError):
            return Whereabouts.GATEWAY, ""
        try:
            is_here = view["name"] in self._vault.names()
        except VaultError as error:
            return Whereabouts.GATEWAY, str(error)
        return (Whereabouts.VAULT if is_here else Whereabouts.GATEWAY), ""

    def _pulled(self, name: str) -> tuple[Whereabouts, str]:
        if isinstance(self._vault, VaultError):
            return Whereabouts.HELD, str(self._vault)
        try:
            pull(self._api, self._vault, name)
        except (VaultError, ApiError) as error:
            return Whereabouts.HELD, str(error)
        return Whereabouts.VAULT, ""
