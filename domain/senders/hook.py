"""The hook: the one place where a sender's rule may be code, for the few that data cannot describe."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.event import Rejection
from domain.senders.content import Content


@dataclass(frozen=True, slots=True)
class Wanted:
    """A document that a verdict needs first: a certificate or a set of keys.

    Attributes:
        url: where it is; the hook has checked that it is the sender's own.
        rejection: what the verdict is without it. DOCUMENT_MISSING, or what is wrong with the one that the
            site has, which the sender may have renewed.
    """

    url: str
    rejection: Rejection = Rejection.DOCUMENT_MISSING


@dataclass(frozen=True, slots=True)
class Rule:
    """What a hook demands, in words: it is code, so there is no data that could be put into words.

    Names of fields and parameters stand between backticks.

    Attributes:
        algorithm: by what requests are verified.
        key: with what.
        signed: what is signed.
        time: how old a request may be; "" when there is no limit.
    """

    algorithm: str
    key: str
    signed: str
    time: str = ""


class Hook(Protocol):
    """Judges requests of one sender. Pure: what has to be fetched is asked for, see `Wanted`.

    Never raises, whatever the request, and takes a bounded time.
    """

    @property
    def rule(self) -> Rule:
        """What it demands, for people."""
        ...

    @property
    def keyless(self) -> bool:
        """Whether requests can be verified without a secret of the webhook."""
        ...

    @property
    def signs_url(self) -> bool:
        """Whether the address that was called is part of what is signed."""
        ...

    def usable(self, secret: bytes) -> bool:
        """Whether a secret is one that this sender could use."""
        ...

    def judge(
        self, content: Content, keys: Sequence[tuple[int, bytes]], received_at: int
    ) -> int | Wanted | Rejection | None:
        """Which secret vouches for a request.

        All that can be checked without a document is checked before one is asked for, so that strangers
        cannot make us fetch with a request that could never be accepted.

        Args:
            content: the request and its site.
            keys: the webhook's secrets, each with its index.
            received_at: Unix time of receipt in milliseconds.

        Returns:
            The index of the secret; None when the request is genuine by another key than the webhook's; the
            document that is needed; or why nothing vouches for it.
        """
        ...
