"""A webhook: a public address with its sender and limits. Its secrets are in its vault."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from domain.errors import InvalidInputError

MAX_BODY_BYTES: Final = 1024 * 1024
"""The largest body that is accepted: 1 MiB."""

DEFAULT_HOURLY_LIMIT: Final = 1000
MAX_HOURLY_LIMIT: Final = 10_000_000
MAX_DESCRIPTION_CHARS: Final = 500

EXAMINED_MS: Final = 10 * 60 * 1000
"""For how long a wish to examine signatures holds, in milliseconds."""

GIT: Final = "git"
"""The sender of a Git receiver: any Git host. The Secrets of the repos that it means vouch for a push."""

VerifyAt = Literal["workers", "ingress", "local"]
"""Where signatures are checked: by a worker, after the 202; by the ingress, before it answers; or not by us,
who then keep no secret: by the private side, with a secret that only its owner has."""

_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?")


def checked_name(field: str, name: str) -> str:
    """The name itself when it follows the rule for names.

    Raises:
        InvalidInputError: it does not.
    """
    if _NAME.fullmatch(name) is None:
        raise InvalidInputError(
            field,
            f"{name!r} cannot be a name: use 1 to 64 of a-z, 0-9, '.', '_' and '-',"
            " beginning and ending with a letter or digit.",
        )
    return name


@dataclass(frozen=True, slots=True)
class Webhook:
    """A public address and the rules that hold there.

    Attributes:
        id: its id; the public address is a token, never this.
        gateway: the Gateway ID that owns it.
        name: unique within the gateway.
        description: free text of the owner.
        sender: key of the sender description in `domain.senders`; or GIT.
        require_signature: reject events when no secret is set.
        hourly_limit: accepted events per hour.
        created_at: Unix time in milliseconds.
        version: changes with every change of the webhook; the accept script compares it.
        https_only: whether what comes over plain http is refused.
        allow_ips: who may send, see `domain.allowed`; empty: everybody.
        verify_at: where signatures are checked.
        examine_until: until when the owner wants to know what is wrong with signatures, Unix ms.
        paused: whether nothing is accepted for the time being.
    """

    id: str
    gateway: str
    name: str
    description: str
    sender: str
    require_signature: bool
    hourly_limit: int
    created_at: int
    version: int
    https_only: bool = False
    allow_ips: tuple[str, ...] = ()
    verify_at: VerifyAt = "workers"
    examine_until: int = 0
    paused: bool = False

    @property
    def is_git(self) -> bool:
        """Whether it is the Git receiver of its gateway."""
        return self.sender == GIT

    @property
    def is_left_home(self) -> bool:
        """Whether its signatures are left to the private side: nothing is verified here."""
        return self.verify_at == "local"

    def is_checked_at_ingress(self, at_ms: int) -> bool:
        """Whether the ingress refuses what is not signed, at a time (Unix ms).

        Not during an examination: only a worker can say what is wrong, and so has to see it.
        """
        return self.verify_at == "ingress" and not self.is_examined(at_ms)

    def is_examined(self, at_ms: int) -> bool:
        """Whether its owner wants to know why signatures fail that come at a time (Unix ms)."""
        return at_ms < self.examine_until
