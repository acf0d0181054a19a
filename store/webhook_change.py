"""A change of a webhook, as a value: what is to be different, and what came in between."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import FleetError
from domain.webhook import VerifyAt
from store.calls import Argument


class WebhookChangedError(FleetError):
    """The webhook is not what the caller has seen any more; look again."""

    def __init__(self) -> None:
        super().__init__("Somebody else is changing this webhook; look at it, then try again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be different at a webhook; None: as before.

    Attributes:
        description: free text of the owner.
        sender: key of the sender description.
        require_signature: reject what is not signed.
        verify_at: where signatures are checked.
        https_only: refuse plain http.
        allow_ips: checked entries, see `domain.allowed`.
        hourly_limit: accepted events per hour.
        paused: accept nothing for the time being.
        examine_until: until when signatures that fail are examined, Unix ms.
        sealed_secrets: its vault, see `seal_vault`.
        forgotten: ids of the secrets that are not in the vault any more.
    """

    description: str | None = None
    sender: str | None = None
    require_signature: bool | None = None
    verify_at: VerifyAt | None = None
    https_only: bool | None = None
    allow_ips: Sequence[str] | None = None
    hourly_limit: int | None = None
    paused: bool | None = None
    examine_until: int | None = None
    sealed_secrets: bytes | None = None
    forgotten: tuple[str, ...] = ()

    def fields(self) -> list[Argument]:
        """Names and values of the fields that change, as the script takes them."""
        wanted: dict[str, Argument | None] = {
            "description": self.description,
            "sender": self.sender,
            "require_signature": _flag(self.require_signature),
            "verify_at": self.verify_at,
            "https_only": _flag(self.https_only),
            "allow_ips": None if self.allow_ips is None else json.dumps(list(self.allow_ips)),
            "hourly_limit": self.hourly_limit,
            "paused": _flag(self.paused),
            "examine_until": self.examine_until,
            "secrets": self.sealed_secrets,
        }
        return [part for name, value in wanted.items() if value is not None for part in (name, value)]


def _flag(value: bool | None) -> int | None:  # noqa: FBT001 - a value, not a switch
    return None if value is None else int(value)
