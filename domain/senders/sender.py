"""A sender: who calls us, described as data."""

from dataclasses import dataclass

from domain.senders.handshake import Handshake
from domain.senders.scheme import Scheme
from domain.senders.source import Source


@dataclass(frozen=True, slots=True)
class Sender:
    """Everything we know about one kind of sender.

    Attributes:
        key: its name in our settings and commands.
        title: its name for people.
        docs_url: where it documents its signatures; None when there is no such page.
        schemes: how it signs. Strongest first: the first header that is there decides (see `verify`).
        event_type: where its label for an event stands; the first source with a usable value counts.
        event_id: where its own id of an event stands, likewise; empty when it has none.
        dedup: whether it sends an event again by itself, under the same id, so that a second one is a
            duplicate. False where the same id can mean that a person asked for the event again.
        issues_secret: whether the secret comes from the sender; otherwise we make it.
        where_secret: one sentence for the owner: where the secret is found, or where it has to go.
        handshakes: the questions by which it checks our address.
    """

    key: str
    title: str
    docs_url: str | None
    schemes: tuple[Scheme, ...]
    event_type: tuple[Source, ...]
    event_id: tuple[Source, ...]
    dedup: bool
    issues_secret: bool
    where_secret: str
    handshakes: tuple[Handshake, ...] = ()
