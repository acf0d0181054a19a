"""A vault: what a webhook keeps secret, sealed as one value so that its parts always fit each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from domain.secret import Secrets, SigningSecret


@dataclass(frozen=True, slots=True)
class Vault:
    """The secrets of a webhook and its owner's settings for the sender.

    Attributes:
        secrets: the newest first, see `domain.secret`.
        parameters: by name; some of them are secret, too.
        revealable: id of the secret that came in a handshake and that its owner has not been shown yet.
    """

    secrets: Secrets = ()
    parameters: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    revealable: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be sealed."""
        return not self.secrets and not self.parameters

    def with_secrets(self, secrets: Secrets) -> "Vault":
        """The same with other secrets. What is not there any more can be revealed no more."""
        is_there = any(each.id == self.revealable for each in secrets)
        return replace(self, secrets=secrets, revealable=self.revealable if is_there else None)

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
