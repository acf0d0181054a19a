"""Fitting: a sender with the parameters of a webhook, and secrets that can be keys there."""

from collections.abc import Mapping

from domain.errors import InvalidInputError
from domain.secret import SigningSecret
from domain.senders import SENDERS, Sender, new_secret, tailored, usable
from domain.senders.secret_form import MIN_ENTROPY_BYTES
from domain.webhook import GIT
from relay.server.api.inputs import NewWebhook
from relay.server.api.receiver import no_signature
from relay.server.api.resource import Visit


def fitted(sender: str, parameters: Mapping[str, str]) -> Sender:
    """A sender with parameters.

    Raises:
        InvalidInputError: it has none of that name, or one has a value that cannot be meant; or it is GIT,
            whose signatures have no rules of their own.
    """
    if sender == GIT:
        raise no_signature("sender")
    try:
        return tailored(SENDERS[sender], parameters)
    except InvalidInputError as error:
        raise InvalidInputError(f"parameters.{error.field}", str(error)) from None


def require_signing(sender: Sender) -> None:
    """Check that a sender signs at all, before its signatures are demanded.

    Raises:
        InvalidInputError: it does not, so every event would be rejected.
    """
    if not sender.schemes:
        raise InvalidInputError(
            "require_signature",
            f"{sender.title} signs nothing, so every event would be rejected. Leave this out, and keep"
            " the URL to yourself; if its addresses are known, let only those send (--allow-ip).",
        )


def require_made(wish: NewWebhook) -> None:
    """Check that a secret which is to be held will be there: none is made where signatures are not demanded.

    Raises:
        InvalidInputError: there would be none.
    """
    if not wish.hold_secret or wish.require_signature:
        return
    if wish.verify == "local":
        raise InvalidInputError(
            "hold_secret",
            "The gateway keeps no secret of a webhook that is verified at home. Leave this out.",
        )
    raise InvalidInputError(
        "hold_secret",
        "No secret is made unless signatures are demanded, so there would be none to hold: demand them"
        " (--require-signature), or leave this out.",
    )


def require_use(sender: Sender) -> None:
    """Check that a sender signs at all, before it gets a secret.

    Raises:
        InvalidInputError: it does not.
    """
    if not sender.schemes:
        raise InvalidInputError("secret", f"{sender.title} signs nothing: there is no use for a secret.")


def require_key(sender: Sender, secret: SigningSecret, *, exact: bool = False) -> None:
    """Check that a secret can be a key of the sender.

    Args:
        sender: as the webhook has it.
        secret: what was given or made.
        exact: whether it may look otherwise than those of the sender.

    Raises:
        InvalidInputError: it cannot, so nothing would ever be signed with it.
    """
    require_use(sender)
    begins = sender.secret.begins
    if not exact and not secret.value.startswith(begins.encode()):
        raise InvalidInputError(
            "secret",
            f"Signing secrets of {sender.title} begin with {begins}; this looks like another key."
            f" {sender.secret.where} If it is the right one all the same, mark it as exact (--exact).",
        )
    if not usable(sender, secret.value):
        raise InvalidInputError(
            "secret",
            f"This cannot be a secret of {sender.title}: none of its ways of signing takes such a key."
            f" {sender.secret.where}",
        )


def made_here(visit: Visit, sender: Sender) -> str | None:
    """A strong secret in the form of the sender; None when only the sender can make it, or needs none."""
    if sender.secret.issued or sender.is_keyless:
        return None
    made = new_secret(sender.secret, visit.context.entropy(MIN_ENTROPY_BYTES))
    # The owner may have pinned a scheme whose keys come from the sender.
    return made if usable(sender, made.encode()) else None
