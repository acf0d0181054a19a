"""Watching: what never comes through the tunnel, because it was refused on the way, and why.

Who has stored a wrong secret would see nothing at all, and look for the fault at home.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from cli.client import ApiError, AwayError, ControlApi, Json, RefusedError
from cli.listen.telling import Teller
from cli.moments import as_text
from cli.paging import part

POLL_S: Final = 3.0
_MOST: Final = 50
_OVERLAP_MS: Final = 30_000
"""How far each look goes back behind the one before: a worker decides later than an event comes."""
_UNKNOWN: Final = "not_found"


class Watch:
    """Looks again and again at what was refused, at what the webhooks say, and tells what is new."""

    def __init__(
        self, api: ControlApi, teller: Teller, hooks: Sequence[Json], clock_ms: Callable[[], int]
    ) -> None:
        """Nothing was seen yet.

        Args:
            api: asked in a thread; its patience should be short.
            teller: is told.
            hooks: the webhooks as the control API told them.
            clock_ms: Unix time in milliseconds, of the relay.
        """
        self._api = api
        self._teller = teller
        self._hooks = {str(each["id"]): each for each in hooks}
        self._clock_ms = clock_ms
        self._began = self._looked_at = clock_ms()
        self._seen: dict[str, None] = {}

    async def run(self) -> None:
        """Look until cancelled. A relay that is away is asked again: the tunnel says that it is."""
        while True:
            await asyncio.sleep(POLL_S)
            try:
                await asyncio.to_thread(self.look)
            except AwayError:
                continue
            except ApiError:
                # The tunnel will meet with the same, and end with a sentence about it.
                return

    def look(self) -> None:
        """Ask once, and tell what is new.

        Raises:
            ApiError: the relay was not reached, or it refused.
        """
        for webhook in list(self._hooks):
            self._look_at(webhook)
        now_ms = self._clock_ms()
        since = max(self._began, self._looked_at - _OVERLAP_MS)
        query = {"outcome": "rejected", "since": as_text(since)}
        for event in reversed(part(self._api, "events", query, _MOST, None).things):
            if event["webhook"] in self._hooks and event["id"] not in self._seen:
                self._teller.rejected(event)
            self._seen[event["id"]] = None
        self._looked_at = now_ms
        while len(self._seen) > 2 * _MOST:
            del self._seen[next(iter(self._seen))]

    def _look_at(self, webhook: str) -> None:
        before = self._hooks[webhook]
        try:
            now = self._api.ask("GET", "webhooks", webhook)
        except RefusedError as error:
            if error.code != _UNKNOWN:
                raise
            del self._hooks[webhook]
            self._teller.gone(str(before["name"]))
            return
        self._hooks[webhook] = now
        if now["signature"] != before["signature"]:
            self._teller.changed(now["name"], now["signature"])
        for reason, counted in now["refusals"].items():
            count = counted["count"] - before["refusals"].get(reason, {"count": 0})["count"]
            if count > 0:
                self._teller.refused(now["name"], reason, count)
