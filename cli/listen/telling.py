"""What is told of listening, besides what every tunnel tells."""

from typing import Protocol

from cli.client import Json
from cli.listen.opening import Opening
from relay.connector.observer import Observer


class Teller(Protocol):
    """Tells people, or programs."""

    @property
    def observer(self) -> Observer:
        """What is told of the tunnel."""
        ...

    def ready(self, opening: Opening) -> None:
        """Everything is there; the tunnel is about to open."""
        ...

    def nobody_there(self, url: str) -> None:
        """The program does not listen; what comes waits for it."""
        ...

    def somebody_there(self, url: str) -> None:
        """It does again."""
        ...

    def backlog(self, count: int) -> None:
        """So many events have waited for the tunnel, and come now."""
        ...

    def rejected(self, event: Json) -> None:
        """An event came, and goes nowhere, because it is not signed as it should be."""
        ...

    def refused(self, webhook: str, reason: str, count: int) -> None:
        """The door of a webhook did not accept something."""
        ...

    def changed(self, webhook: str, signature: str) -> None:
        """The events of a webhook are verified otherwise than before."""
        ...

    def gone(self, webhook: str) -> None:
        """A webhook was deleted."""
        ...

    def renewed(self, name: str) -> None:
        """The subscription had ended, since this machine was away; there is another one now."""
        ...

    def ended(self, subscription: str, webhooks: list[str], *, is_kept: bool, is_removed: bool) -> None:
        """It is over. The subscription is removed, will end by itself, or stays, as was wished."""
        ...
