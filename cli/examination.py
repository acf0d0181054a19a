"""Examinations on the command line: waiting for the next event, and a third clock to compare two with."""

from collections.abc import Iterator
from time import monotonic, sleep
from typing import Final
from urllib.parse import urlsplit

from cli.answers import day_and_time
from cli.client import ControlApi, Json
from cli.durations import unix_ms
from cli.surroundings import clock_ms
from domain.reach import is_loopback

_POLL_S: Final = 0.5
_SHOWN: Final = 5
_CLOSE_S: Final = 5


class Watch:
    """The events of one webhook as they are decided."""

    def __init__(self, api: ControlApi, webhook: str) -> None:
        self._api = api
        self._webhook = webhook
        self.known = self._latest()
        self._seen = {event["id"] for event in self.known}

    def fresh(self, patience_s: float) -> Iterator[Json]:
        """Events that were decided since, oldest first, as they come; until patience is at an end."""
        until = monotonic() + patience_s
        while True:
            for event in reversed(self._latest()):
                if event["id"] not in self._seen:
                    self._seen.add(event["id"])
                    yield event
            left_s = until - monotonic()
            if left_s <= 0:
                return
            sleep(min(_POLL_S, left_s))

    def _latest(self) -> list[Json]:
        """The latest of the webhook, newest first."""
        events: list[Json] = self._api.ask("GET", "events")["events"]
        return [event for event in events if event["webhook"] == self._webhook]


def latest_rejected(events: list[Json]) -> list[tuple[str, str, str]]:
    """Rows about the latest that were rejected: what was found out, or else the reason."""
    rejected = [event for event in events if event["rejected_because"]]
    return [(each["id"], _why(each), day_and_time(each["received_at"])) for each in rejected[:_SHOWN]]


def _why(event: Json) -> str:
    finding = event["finding"]
    return f"{event['rejected_because']}: {finding['cause']}" if finding else event["rejected_because"]


class Clocks:
    """The gateway's clock beside that of this computer, which can tell who of two is wrong."""

    def __init__(self, relay_url: str) -> None:
        # On the same machine there is only one clock, and it proves nothing.
        self._is_another = not is_loopback(urlsplit(relay_url).hostname or "")
        self._ahead_s = 0

    def compare(self, moment: str) -> None:
        """Take in the time that the gateway has just told."""
        self._ahead_s = (unix_ms(moment) - clock_ms()) // 1000

    def judgement(self, facts: Json) -> str:
        """Whose clock is wrong by this computer's; "" when that cannot be said."""
        off_s = facts.get("seconds_off")
        if off_s is None or not self._is_another:
            return ""
        if abs(self._ahead_s) <= _CLOSE_S:
            return "The clock of this computer agrees with the gateway's, so the gateway's seems to be right."
        if abs(off_s - self._ahead_s) <= max(_CLOSE_S, abs(off_s) // 4):
            direction = "ahead of" if self._ahead_s > 0 else "behind"
            return (
                f"The gateway's clock is {abs(self._ahead_s)} seconds {direction} that of this computer:"
                " the gateway's seems to be wrong."
            )
        return (
            "The clock of this computer agrees with neither of them: compare all three with a reliable one."
        )
