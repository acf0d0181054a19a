"""A case: a request, and everything that may explain why it is not verified."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.event import Request
from domain.secret import Secrets
from domain.senders.sender import Sender
from domain.senders.site import Site


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another webhook of the same gateway.

    Attributes:
        name: what its owner calls it.
        secrets: its live secrets.
    """

    name: str
    secrets: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """What is examined.

    Attributes:
        name: of the webhook.
        sender: who calls there, as its owner has fitted it.
        request: what came, byte for byte.
        secrets: of the webhook, the ended ones included.
        received_at: Unix time of receipt in milliseconds.
        site: the webhook in its sender's eyes.
        address: the URL that its owner is shown. It is as good as a password, so it enters no finding.
        neighbours: other webhooks, whose secrets may have been mixed up with this one's.
    """

    name: str
    sender: Sender
    request: Request = field(repr=False)
    secrets: Secrets
    received_at: int
    site: Site = field(repr=False)
    address: str = field(repr=False)
    neighbours: Sequence[Neighbour] = ()
