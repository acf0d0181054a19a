"""What pages say of a webhook: whether it is verified, what it may take, and who was refused at its door."""

from dataclasses import dataclass
from typing import Any, Final, Literal

from relay.server.dashboard import senders
from relay.server.dashboard.api import Json

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
        "A secret is set; what is not signed with it is rejected. Were the secret removed, anything would pass.",
    ),
    "unverified": Check("warn", "not verified", "No secret is set: whoever knows the URL can send events."),
    "by the Secrets of repos": Check(
        "ok", "by Secrets of repos", "The Secrets that repos name vouch for pushes."
    ),
}


def check(signature: str) -> Check:
    """How a webhook verifies, from what the control API says of it."""
    known = _CHECKS.get(signature)
    if known is not None:
        return known
    sentence = signature[:1].upper() + signature[1:] + "."
    return Check("bad", "rejects everything" if "rejected" in signature else "unreadable", sentence)


def shown(webhook: Json) -> Json:
    """A webhook with what is said of it."""
    refusals: dict[str, Json] = webhook["refusals"]
    return {
        **webhook,
        "title": senders.title(webhook["sender"]),
        "is_git": webhook["sender"] == GIT_WEBHOOK,
        "check": check(webhook["signature"]),
        "is_full": webhook["rate"]["used"] >= webhook["rate"]["limit"],
        "refused": sum(each["count"] for each in refusals.values()),
        "to_reveal": any(each["to_reveal"] for each in webhook["secrets"] or ()),
    }


def mistakes(content: Json) -> dict[str, str]:
    """What a refusal says of single fields, by their names; "" stands for all else."""
    told: list[Any] = content.get("errors") or []
    found: dict[str, str] = {}
    for each in told:
        name = (
            str(each["field"]).partition(".")[0]
            if not each["field"].startswith("parameters.")
            else each["field"]
        )
        found.setdefault(name, str(each["detail"]))
    if not found:
        found[""] = str(content.get("detail", ""))
    return found
