"""At home: webhooks whose signatures the private side verifies. The gateway keeps no secret for them."""

from typing import Final

from domain.errors import FleetError, InvalidInputError
from domain.senders import Sender
from domain.senders.homework import obstacle
from domain.vault import Vault
from domain.webhook import Webhook

SIGNATURE: Final = "left to the private side"
"""How their events are verified, in words."""


class VerifiedAtHomeError(FleetError):
    """The gateway keeps no secret for this webhook and checks no signature there."""

    def __init__(self, webhook: str) -> None:
        super().__init__(
            f"The signatures of webhook {webhook!r} are left to the private side, so the gateway keeps no"
            " secret for it and checks none. Store it in your own vault ('fleet vault set NAME'); or let the"
            f" gateway verify: 'fleet webhooks update {webhook} --verify workers'."
        )


class HasSecretsError(FleetError):
    """The gateway keeps secrets for this webhook, which it would have to forget."""

    def __init__(self, webhook: str) -> None:
        super().__init__(
            f"The gateway keeps secrets of webhook {webhook!r}, and for one that is verified at home it keeps"
            " none. Have the secret in your own vault first; then"
            f" 'fleet webhooks remove-secret {webhook} --all'."
            f" Pause the webhook meanwhile ('fleet webhooks pause {webhook}'), and nothing slips through."
        )


def require_gateway(webhook: Webhook) -> None:
    """Check that the signatures of a webhook are the gateway's concern.

    Raises:
        VerifiedAtHomeError: they are left to the private side.
    """
    if webhook.is_left_home:
        raise VerifiedAtHomeError(webhook.name)


def require_leaving(sender: Sender, *, is_required: bool) -> None:
    """Check that the signatures of a sender can be left to the private side.

    Args:
        sender: who calls.
        is_required: whether the gateway is to reject what is not signed.

    Raises:
        InvalidInputError: they cannot, or the gateway is to require what it does not check.
    """
    if because := obstacle(sender):
        raise InvalidInputError(
            "verify", f"{because} Let the gateway verify it: leave 'local' out, or say 'workers'."
        )
    if is_required:
        raise InvalidInputError(
            "require_signature",
            "The gateway cannot require signatures that it does not check. Leave this out, or say"
            " --no-require-signature: at home, whatever is not signed is refused.",
        )


def require_empty(webhook: str, vault: Vault) -> None:
    """Check that the gateway keeps no secret, not even one that has ended.

    Raises:
        HasSecretsError: it does.
    """
    if vault.secrets:
        raise HasSecretsError(webhook)
