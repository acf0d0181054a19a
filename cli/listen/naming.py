"""The names of what listening makes: a machine has one webhook for each sender, each run its subscription."""

import re
from base64 import b32encode
from collections.abc import Sequence
from typing import Final

_PREFIX: Final = "listen"
_MACHINE_CHARS: Final = 24
_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9]+")


def machine_of(hostname: str) -> str:
    """What a machine is called in names: the first label of its host name, as far as names may have it."""
    label = _NOT_IN_NAMES.sub("-", hostname.partition(".")[0].lower())
    return label[:_MACHINE_CHARS].strip("-") or "here"


def webhook_name(machine: str, sender: str | None) -> str:
    """The webhook that a machine uses again each time; one for each sender, and one for whoever comes."""
    return "-".join(filter(None, [_PREFIX, machine, sender]))


def kept_subscription(machine: str, webhooks: Sequence[str]) -> str:
    """The subscription that stays when listening ends."""
    other = "" if webhooks[0].startswith(f"{_PREFIX}-") else webhooks[0]
    return "-".join(filter(None, [_PREFIX, machine, other]))[:64].rstrip("-._")


def passing_subscription(machine: str, entropy: bytes) -> str:
    """The subscription of one run. Two machines, or two runs, never share one: each gets every event."""
    return f"{_PREFIX}-{machine}-{b32encode(entropy).decode().rstrip('=').lower()}"
