"""How the events of a webhook are verified, said so that nobody takes an open door for a closed one."""

from domain.errors import InvalidInputError
from domain.secret import Secrets, live
from domain.senders import SENDERS, Sender, parameters_of, tailored, usable
from domain.vault import Vault
from domain.webhook import Webhook
from relay.server.api import at_home, receiver


def signature(webhook: Webhook, vault: Vault | None, now_ms: int) -> str:
    """The state of a webhook's verification, in words.

    Args:
        webhook: the webhook.
        vault: its vault; None: it cannot be opened.
        now_ms: Unix time in milliseconds.
    """
    if webhook.is_git:
        return receiver.SIGNATURE
    if vault is None:
        return "unreadable: its sealing key is gone"
    try:
        sender = tailored(SENDERS[webhook.sender], vault.parameters)
    except InvalidInputError:
        # They fitted when they were set: the program is another one now.
        return "broken: its parameters do not fit its sender any more"
    if webhook.is_left_home:
        return at_home.SIGNATURE
    secrets = live(vault.secrets, now_ms)
    if not sender.must_verify(is_required=webhook.require_signature, has_secret=bool(vault.secrets)):
        return "unverified"
    demand = "required" if webhook.require_signature else "checked"
    lack = _lack(sender, vault, secrets)
    return f"{demand}, but {lack}: every event is rejected" if lack else demand


def _lack(sender: Sender, vault: Vault, secrets: Secrets) -> str:
    """What is missing before anything can be verified; "" when nothing is."""
    missing = [
        each.name for each in parameters_of(sender) if each.is_required and each.name not in vault.parameters
    ]
    if missing:
        return f"the parameter {missing[0]} is not set"
    if sender.is_keyless:
        return ""
    if not secrets:
        return "no secret is set"
    return (
        "" if any(usable(sender, each.value) for each in secrets) else "none of its secrets fits the sender"
    )
