"""The next step: what the owner of a new webhook has to do before signed events pass, in sentences."""

from collections.abc import Iterator
from typing import Final

from domain.senders import Parameter, Sender
from domain.senders.handshake import Proof, QueryToken
from domain.senders.homework import is_secret_sent
from domain.senders.secret_form import Look
from relay.server.api.inputs import NewWebhook

_MAKE: Final = {
    Look.HEX: "openssl rand -hex 32",
    Look.WHSEC: "echo whsec_$(openssl rand -base64 32)",
    Look.BASIC: "echo fleet:$(openssl rand -hex 32)",
}
"""What makes a strong secret, by how those of the sender look."""

SHOWN_ONCE: Final = "The secret is shown this once."
"""What is said of a secret that stands in the same answer."""


def about_held(webhook: str) -> str:
    """What is said of a secret that waits for its owner's vault."""
    return f"The secret waits: 'fleet vault pull {webhook}' fetches it into your vault, once."


def next_step(wish: NewWebhook, sender: Sender, *, is_made: bool) -> str:
    """What is to be done, in the order in which it has to be.

    Args:
        wish: the webhook as its owner wanted it.
        sender: as the owner has fitted it.
        is_made: whether its secret was made with it.
    """
    is_home = wish.verify == "local"
    secret = _about_home(wish, sender) if is_home else _about_secret(wish, sender, is_made=is_made)
    steps = [secret, *_before_the_url(wish, sender, is_made=is_made)]
    missing = [each for each in sender.parameters if each.is_required and not wish.parameters.get(each.name)]
    steps += [f"Then tell us {each.name}: {_update(wish, each)}. {each.meaning}" for each in missing]
    return " ".join([*steps, *_about_confirmation(wish, sender)])


def _about_secret(wish: NewWebhook, sender: Sender, *, is_made: bool) -> str:
    where, store_it = sender.secret.where, f"store it here with 'fleet webhooks set-secret {wish.name}'"
    if is_made:
        return f"{about_held(wish.name) if wish.hold_secret else SHOWN_ONCE} {where}"
    if not sender.schemes:
        return f"{sender.title} signs nothing: whoever knows the URL can send events."
    if sender.is_keyless:
        return where
    if any(each.captures for each in sender.handshakes):
        return (
            f"{where} It is kept then by itself: register the URL there next."
            f" 'fleet webhooks reveal-secret {wish.name}' shows it once, should the sender ask for it."
        )
    if wish.require_signature:
        until = "until then every event is rejected"
        return f"The secret comes from {sender.title}. {where} Then {store_it}; {until}."
    if sender.secret.issued:
        found = f"{where} Then {store_it}."
    else:
        found = f"'fleet webhooks rotate-secret {wish.name}' makes a secret. {where}"
    return f"Whoever knows the URL can send events. To have signatures checked: {found}"


def _about_home(wish: NewWebhook, sender: Sender) -> str:
    sees = f" {sender.title} sends the secret itself with every request, so the gateway sees it all the same."
    return (
        "The gateway keeps no secret of this webhook and takes whatever comes: verify on the private side."
        f" {_secret_at_home(wish, sender)} Name it, {wish.name}, under 'verify' of the target in fleet.toml."
        f"{sees if is_secret_sent(sender) else ''}"
    )


def _secret_at_home(wish: NewWebhook, sender: Sender) -> str:
    where, name = sender.secret.where, wish.name
    if sender.secret.issued or sender.is_keyless:
        return f"{where} Store the secret with 'fleet vault set {name}'."
    return (
        f"Make a secret: '{_MAKE[sender.secret.look]} | fleet vault set {name} --stdin';"
        f" 'fleet vault show {name}' prints it. {where}"
    )


def _before_the_url(wish: NewWebhook, sender: Sender, *, is_made: bool) -> Iterator[str]:
    """What the sender's first call, the one that checks the address, has to find here."""
    entering = f"you enter the URL at {sender.title.partition(' (')[0]}"
    proofs = [each.proof for each in sender.handshakes]
    if Proof.SIGNATURE in proofs and not is_made:
        yield f"Do that before {entering}: its first call is answered only if the secret is here."
    tokens = {each.parameter for each in proofs if isinstance(each, QueryToken)}
    for parameter in sender.parameters:
        if parameter.name in tokens and not wish.parameters.get(parameter.name):
            yield f"Before {entering}: {_update(wish, parameter)}. {parameter.meaning}"


def _about_confirmation(wish: NewWebhook, sender: Sender) -> Iterator[str]:
    confirm = "confirm_subscriptions"
    if sender.confirmation is not None and wish.parameters.get(confirm) != "true":
        yield (
            "A new subscription has to be confirmed:"
            f" 'fleet webhooks update {wish.name} --set {confirm}=true' lets a worker do it,"
            " or open the SubscribeURL of the SubscriptionConfirmation yourself."
        )


def _update(wish: NewWebhook, parameter: Parameter) -> str:
    # A secret value is asked for.
    value = "" if parameter.is_secret else "=..."
    return f"'fleet webhooks update {wish.name} --set {parameter.name}{value}'"
