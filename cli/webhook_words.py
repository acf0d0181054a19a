"""What the commands say of a webhook, in words."""

from typing import Final

from cli.answers import day_and_time
from cli.client import Json
from cli.durations import ago

_OF_SIGNATURES: Final = {"sender", "require_signature", "verify", "parameters"}


def row(webhook: Json, now_ms: int) -> tuple[object, ...]:
    """A row of the listing, in few words."""
    return (
        webhook["name"],
        webhook["sender"],
        _in_short(webhook["signature"]),
        "nobody: PAUSED" if webhook["paused"] else may_send(webhook),
        webhook["events"],
        ago(webhook["last_triggered"], now_ms),
    )


def facts(found: Json) -> Json:
    """All there is to know of it, but for its secrets."""
    return {
        "Name": found["name"],
        "Id": found["id"],
        "Description": found["description"] or "-",
        "Sender": found["sender"],
        **({"Parameters": settings} if (settings := parameters(found)) else {}),
        "URL": url(found),
        **pause(found),
        "Signature": signature(found),
        "Hourly limit": hour(found),
        **refusals(found),
        "May send": may_send(found),
        "Created": day_and_time(found["created_at"]),
        "Events": found["events"],
        "Last event": day_and_time(found["last_triggered"]),
    }


def alarms(webhooks: list[Json]) -> list[str]:
    """A line for each webhook that lets nothing pass, with the reason."""
    return [
        f"{each['name']}: {each['signature']}."
        for each in webhooks
        if _in_short(each["signature"]) != each["signature"]
    ]


def _in_short(signature: str) -> str:
    """How a webhook verifies, in words that nobody overlooks where nothing can be verified."""
    demand, _, lack = signature.partition(", but ")
    if lack:
        return f"{demand}, {'NO SECRET' if lack.startswith('no secret') else 'REJECTS ALL'}"
    state, colon, _ = signature.partition(": ")
    return state.upper() if colon else state


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


def hour(webhook: Json) -> str:
    """How many events an hour may have, and how many this one has had."""
    rate = webhook["rate"]
    until = f" until {day_and_time(rate['resets_at'])}" if rate["resets_at"] else ""
    return f"{rate['limit']}, {rate['used']} used{until}"


def refusals(webhook: Json) -> Json:
    """What its door has not accepted lately, as a fact; nothing as a rule."""
    told = ", ".join(f"{each['count']} {reason}" for reason, each in webhook["refusals"].items())
    return {"Refused (24 h)": told} if told else {}


def pause(webhook: Json) -> Json:
    """That it is paused, as a fact; nothing as a rule."""
    return {"Paused": "senders get a 503; 'fleet webhooks resume' ends it"} if webhook["paused"] else {}


def may_send(webhook: Json) -> str:
    """Who may send."""
    who = ", ".join(webhook["allow_ips"]) or "anybody"
    return f"{who}, https only" if webhook["https_only"] else who


def changes(webhook: Json, wish: Json) -> str:
    """What a change has made of it: what was to be different, and what that means for signatures."""
    told = {
        "May send": may_send(webhook) if wish.keys() & {"https_only", "allow_ips"} else "",
        "Description": (webhook["description"] or "none") if "description" in wish else "",
        "Hourly limit": webhook["hourly_limit"] if "hourly_limit" in wish else "",
        "Sender": webhook["sender"] if "sender" in wish else "",
        "Parameters": (parameters(webhook) or "none") if "parameters" in wish else "",
        "Signature": signature(webhook) if wish.keys() & _OF_SIGNATURES else "",
    }
    return " ".join(f"{name}: {fact}." for name, fact in told.items() if fact)
