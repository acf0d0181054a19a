"""What pages say of a webhook: whether it is verified, what it may take, and who was refused at its door."""

from dataclasses import dataclass
from typing import Any, Final, Literal

from relay.server.dashboard import senders
from relay.server.dashboard.times import unix_ms
from relay.server.inner_api import Json

Kind = Literal["ok", "warn", "bad", "mute"]

GIT_WEBHOOK: Final = "git"


@dataclass(frozen=True, slots=True)
class Check:
    """How a webhook verifies.

    Attributes:
        kind: how good that is.
        label: in a word or two.
        sentence: what that means, and what to do.
    """

    kind: Kind
    label: str
    sentence: str


_CHECKS: Final = {
    "required": Check("ok", "verified", "A secret is set; what is not signed with it is rejected."),
    "checked": Check(
        "ok",
        "verified",
        "A secret is set; what is not signed with it is rejected. Without a secret, anything would pass.",
    ),
    "unverified": Check("warn", "not verified", "No secret is set: whoever knows the URL can send events."),
    "left to the private side": Check(
        "mute",
        "at home",
        "The gateway keeps no secret and takes whatever comes; the connector verifies it with your vault's.",
    ),
    "by the Secrets of repos": Check("ok", "by Secrets", "The Secrets that repos name vouch for pushes."),
}


def check(signature: str) -> Check:
    """How a webhook verifies, from what the control API says of it."""
    known = _CHECKS.get(signature)
    if known is not None:
        return known
    sentence = signature[:1].upper() + signature[1:] + "."
    return Check("bad", "rejects all" if "rejected" in signature else "unreadable", sentence)


def shown(webhook: Json, now_ms: int) -> Json:
    """A webhook with what is said of it now, Unix ms."""
    refusals: dict[str, Json] = webhook["refusals"]
    secrets: list[Json] | None = webhook["secrets"]
    return {
        **webhook,
        "title": senders.title(webhook["sender"]),
        "is_git": webhook["sender"] == GIT_WEBHOOK,
        "check": check(webhook["signature"]),
        "is_full": webhook["rate"]["used"] >= webhook["rate"]["limit"],
        "refused": sum(each["count"] for each in refusals.values()),
        "to_reveal": any(each["to_reveal"] for each in secrets or ()),
        "secrets": None if secrets is None else [_secret(each, now_ms) for each in secrets],
    }


def _secret(secret: Json, now_ms: int) -> Json:
    ends_at = secret["expires_at"]
    return {**secret, "is_over": ends_at is not None and unix_ms(ends_at) <= now_ms}


def mistakes(content: Json) -> dict[str, str]:
    """What a refusal says of single fields, by their names; "" stands for all else."""
    told: list[Any] = content.get("errors") or []
    found: dict[str, str] = {}
    for each in told:
        field = str(each["field"])
        # Of allow_ips.0 the form has one field; each parameter has its own.
        name = field if field.startswith("parameters.") else field.partition(".")[0]
        found.setdefault(name, str(each["detail"]))
    if not found:
        found["name" if content.get("code") == "name_taken" else ""] = str(content.get("detail", ""))
    return found
