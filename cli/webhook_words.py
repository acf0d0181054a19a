"""What the commands say of a webhook, in words."""

from cli.answers import day_and_time
from cli.client import Json


def row(webhook: Json) -> tuple[object, ...]:
    """A row of the listing."""
    return (
        webhook["name"],
        webhook["sender"],
        signature(webhook),
        may_send(webhook),
        webhook["events"],
        day_and_time(webhook["last_triggered"]),
    )


def signature(webhook: Json) -> str:
    """How its events are verified, and where, if that is not in the workers."""
    told = str(webhook["signature"])
    is_at_ingress = webhook["verify"] == "ingress" and told in {"required", "checked"}
    return f"{told} at the ingress" if is_at_ingress else told


def parameters(webhook: Json) -> str:
    """What its owner has set for the sender; of secret ones the names only."""
    shown: dict[str, str] = webhook["parameters"] or {}
    hidden: list[str] = webhook["secret_parameters"] or []
    return ", ".join(
        [*(f"{name}={value}" for name, value in shown.items()), *(f"{name} (secret)" for name in hidden)]
    )


def url(webhook: Json) -> str:
    """Where senders reach it."""
    return webhook["url"] or "(unreadable: its sealing key is gone)"


def may_send(webhook: Json) -> str:
    """Who may send."""
    who = ", ".join(webhook["allow_ips"]) or "anybody"
    return f"{who}, https only" if webhook["https_only"] else who


def changes(webhook: Json, wish: Json) -> str:
    """What a change has made of it: what was to be different, and what that means for signatures."""
    told = {
        "May send": may_send(webhook) if wish.keys() & {"https_only", "allow_ips"} else "",
        "Sender": webhook["sender"] if "sender" in wish else "",
        "Parameters": (parameters(webhook) or "none") if "parameters" in wish else "",
        "Signature": signature(webhook) if wish.keys() - {"https_only", "allow_ips"} else "",
    }
    return " ".join(f"{name}: {fact}." for name, fact in told.items() if fact)
