"""How the events of a webhook are verified, said so that nobody takes an open door for a closed one."""

from domain.secret import Secrets, live
from domain.senders import SENDERS, Sender, parameters_of, tailored, usable
from domain.vault import Vault
from domain.webhook import Webhook

UNREADABLE = "unreadable: its sealing key is gone"
UNVERIFIED = "unverified"


def signature(webhook: Webhook, vault: Vault | None, now_ms: int) -> str:
    """The state of a webhook's verification, in words.

    Args:
        webhook: the webhook.
        vault: its vault; None: it cannot be opened.
        now_ms: Unix time in milliseconds.
    """
    if vault is None:
        return UNREADABLE
    sender = tailored(SENDERS[webhook.sender], vault.parameters)
    secrets = live(vault.secrets, now_ms)
    if not webhook.require_signature and not secrets and not sender.is_keyless:
        return UNVERIFIED
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
    return "" if any(usable(sender, each.value) for each in secrets) else "no secret of it can be a key here"
