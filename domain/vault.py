"""A vault: what a webhook keeps secret, sealed as one value so that its parts always fit each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from cryptography.hazmat.primitives import constant_time

from domain.errors import FleetError
from domain.secret import Secrets, SigningSecret

PULL_AGAIN_MS: Final = 24 * 3600 * 1000
"""For how long whoever pulled a secret gets it again under the same key, in milliseconds."""


class NothingHeldError(FleetError):
    """No secret of the webhook waits to be pulled."""

    def __init__(self, webhook: str) -> None:
        super().__init__(
            f"No secret of webhook {webhook!r} waits to be pulled: only one that was made to be held does,"
            f" and only once. 'fleet webhooks rotate-secret {webhook} --hold' makes a new one;"
            " the old one counts for 24 h more."
        )


@dataclass(frozen=True, slots=True)
class Held:
    """A secret that was made here and is given away once, to the vault of its owner.

    It is only a mark: the secret itself verifies as any other does.

    Attributes:
        secret: id of the secret.
        pulled_at: when it was given away, Unix ms; None: it waits.
        key: SHA-256 of the key under which it was, for an answer may be lost on its way; "": without one.
    """

    secret: str
    pulled_at: int | None = None
    key: str = field(default="", repr=False)

    @property
    def waits(self) -> bool:
        """Whether nobody has pulled it yet."""
        return self.pulled_at is None

    def is_for(self, key: str, now_ms: int) -> bool:
        """Whether it may be pulled under a key (SHA-256; "" for none) at a time, Unix ms."""
        if self.pulled_at is None:
            return True
        is_same = bool(key) and constant_time.bytes_eq(key.encode(), self.key.encode())
        return is_same and now_ms < self.pulled_at + PULL_AGAIN_MS


@dataclass(frozen=True, slots=True)
class Vault:
    """The secrets of a webhook and its owner's settings for the sender.

    Attributes:
        secrets: the newest first, see `domain.secret`.
        parameters: by name; some of them are secret, too.
        revealable: id of the secret that came in a handshake and that its owner has not been shown yet.
        held: the mark of the current secret when it is for the owner's vault, see `Held`.
    """

    secrets: Secrets = ()
    parameters: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    revealable: str | None = None
    held: Held | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be sealed."""
        return not self.secrets and not self.parameters

    def with_secrets(self, secrets: Secrets) -> "Vault":
        """The same with other secrets.

        What is not there any more can be revealed no more. What is not current any more can be pulled no
        more: its owner would store what is about to end.
        """
        is_there = any(each.id == self.revealable for each in secrets)
        is_current = self.held is not None and bool(secrets) and secrets[0].id == self.held.secret
        return replace(
            self,
            secrets=secrets,
            revealable=self.revealable if is_there else None,
            held=self.held if is_current else None,
        )

    def holding(self) -> "Vault":
        """The same with its current secret waiting to be pulled."""
        return replace(self, held=Held(self.secrets[0].id))

    def pulled(self, key: str, now_ms: int) -> "Vault | None":
        """The same after its owner has pulled what is held; None when there is nothing to be pulled.

        Args:
            key: SHA-256 of the key that the owner chose for this pull, "" for none.
            now_ms: Unix time in milliseconds.
        """
        if self.held is None or not self.held.is_for(key, now_ms):
            return None
        return replace(self, held=Held(self.held.secret, now_ms, key)) if self.held.waits else self

    def with_parameters(self, changes: Mapping[str, str | None]) -> "Vault":
        """The same with some parameters changed; None and "" remove one."""
        merged = {**self.parameters, **changes}
        return replace(self, parameters={name: value for name, value in merged.items() if value})

    def captured(self, secret: SigningSecret) -> "Vault":
        """The same with a secret that the sender said in its handshake, if none is set.

        Whoever knows the URL can shake hands, and must not get a secret of his own beside the true one.
        """
        return self if self.secrets else replace(self, secrets=(secret,), revealable=secret.id)

    def revealed(self) -> "Vault":
        """The same after its owner was shown the secret."""
        return replace(self, revealable=None)

    def forgotten(self, after: "Vault") -> tuple[str, ...]:
        """Ids of the secrets that are here and not in the vault after a change."""
        left = {each.id for each in after.secrets}
        return tuple(each.id for each in self.secrets if each.id not in left)
