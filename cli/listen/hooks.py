"""The webhooks that are listened to: found or made, and where their secrets are."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cli.client import ApiError, ControlApi, Json
from cli.paging import every
from cli.vault import Vault, VaultError
from cli.vault.pulling import pull_secret
from domain.errors import InvalidInputError
from domain.senders import SENDERS
from domain.senders.likeness import likely
from domain.webhook import GIT, checked_name

KEYS: Final = frozenset({*SENDERS, GIT})
"""Names that say who will call."""

_MADE: Final = "Made by fleet listen."


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

    def __init__(self, api: ControlApi, vault: Vault | VaultError, own: str, where: str) -> None:
        """Makes nothing yet.

        Args:
            api: the control API.
            vault: of this machine; or why there is none.
            own: the name of the webhook of this machine.
            where: where events go, as it was typed; for hints.
        """
        self._api = api
        self._vault = vault
        self._own = own
        self._where = where

    def hooks(self, names: Sequence[str], sender: str | None) -> list[Hook]:
        """The webhooks of these names; those that are missing are made, if it is known who will call.

        Args:
            names: as they were typed; none means the webhook of this machine.
            sender: key of who will call, if it was said.

        Raises:
            InvalidInputError: one is missing, or is another sender's.
            ApiError: the relay refused.
        """
        known = {each["name"]: each for each in every(self._api, "webhooks")}
        found = {name: known.get(name) for name in names or [self._own]}
        for name, view in found.items():
            # All of them before the first one is made.
            _check(name, view, sender, self._where, is_own=name == self._own)
        return [
            self._made(name, sender) if view is None else self._used(view) for name, view in found.items()
        ]

    def _made(self, name: str, sender: str | None) -> Hook:
        key = sender or (name if name in KEYS else None)
        wish: Json = {"name": name, "description": _MADE}
        if key is not None:
            # Who says who will call wants to be sure of it.
            is_signed = key in SENDERS and bool(SENDERS[key].schemes)
            wish |= {"sender": key, "require_signature": is_signed, "hold_secret": is_signed}
        made = self._api.ask("POST", "webhooks", body=wish)
        secret, trouble = self._whereabouts(made)
        # Of one that is open to anybody on purpose, there is nothing to be done.
        step = "" if key is None else str(made["next_step"])
        if secret is Whereabouts.VAULT:
            step = step.removeprefix(waits_for_pull(name)).strip()
        return Hook(made, is_new=True, secret=secret, trouble=trouble, next_step=step)

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
        """Bring a secret that waits into the vault, unless it would replace another one there."""
        if isinstance(self._vault, VaultError):
            return Whereabouts.HELD, str(self._vault)
        try:
            pull_secret(self._api, self._vault, name, name)
        except (VaultError, ApiError) as error:
            return Whereabouts.HELD, str(error)
        return Whereabouts.VAULT, ""


def _check(name: str, view: Json | None, sender: str | None, where: str, *, is_own: bool) -> None:
    """Whether a webhook can be used, or made.

    Raises:
        InvalidInputError: it is of another sender, or nobody said who will call.
    """
    checked_name("webhook", name)
    if view is not None:
        if sender not in {None, view["sender"]}:
            raise InvalidInputError(
                "sender",
                f"Webhook {name} is there already, for {view['sender']} and not for {sender}:"
                " leave --sender out, or choose another name.",
            )
    elif sender is None and not is_own and name not in KEYS:
        raise InvalidInputError(
            "webhook",
            f"{' '.join(filter(None, [f'There is no webhook {name}.', likely(name)]))} To have it made, say"
            f" who will call, as in 'fleet listen {where} {name} --sender github'; custom is a program of"
            " yours, and 'fleet senders' lists all.",
        )


def waits_for_pull(name: str) -> str:
    """What the relay says of a secret that it holds; it is over once the secret is in the vault."""
    return f"The secret waits: 'fleet vault pull {name}' fetches it into your vault, once."


def _how_to_store(view: Json) -> str:
    """What the owner of a webhook without a secret does, when nothing that comes can be verified."""
    sender = SENDERS.get(view["sender"])
    if sender is None or not sender.schemes or sender.is_keyless or not view["require_signature"]:
        return ""
    if sender.secret.issued:
        return f"{sender.secret.where} Then store it with 'fleet webhooks set-secret {view['name']}'."
    return f"'fleet webhooks rotate-secret {view['name']} --hold' makes a secret. {sender.secret.where}"
