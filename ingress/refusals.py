"""The log of refused senders: precise, and bounded however many come."""

import asyncio
from dataclasses import dataclass
from typing import Final

import structlog

from domain.client import Client
from domain.event import Rejection
from ingress.guard import Objection

_INTERVAL_S: Final = 60.0
_WEBHOOKS: Final = 1000
_OTHERS: Final = "others"

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Untold:
    reason: str
    address: str
    count: int = 0


class RefusalLog:
    """For each webhook a line about its first refusal, then one a minute that counts the others."""

    def __init__(self) -> None:
        self._untold: dict[str, _Untold] = {}

    def note(self, webhook: str, reason: Objection | Rejection, client: Client) -> None:
        """A client was refused at a webhook."""
        address = "unknown" if client.address is None else str(client.address)
        if webhook not in self._untold and len(self._untold) >= _WEBHOOKS:
            webhook = _OTHERS
        known = self._untold.get(webhook)
        if known is None:
            self._untold[webhook] = _Untold(reason, address)
            _tell(webhook, reason, address, 1)
        else:
            known.reason, known.address, known.count = reason, address, known.count + 1

    def tell(self) -> None:
        """Log how many there were at each webhook since the last time, with the latest of them."""
        for webhook, known in list(self._untold.items()):
            if known.count:
                _tell(webhook, known.reason, known.address, known.count)
                known.count = 0
            else:
                del self._untold[webhook]

    async def watch(self) -> None:
        """Tell once a minute, until cancelled."""
        while True:
            await asyncio.sleep(_INTERVAL_S)
            self.tell()


def _tell(webhook: str, reason: str, address: str, count: int) -> None:
    _log.warning("sender_refused", webhook=webhook, reason=str(reason), address=address, count=count)
