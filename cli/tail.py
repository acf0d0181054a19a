"""`fleet events tail`: events as they come, and what becomes of them."""

import os
import time
from collections.abc import Iterator
from typing import Annotated, Final

import typer

from cli import event_words as words
from cli import filters
from cli.answers import complain, say, say_json_line
from cli.client import AwayError, ControlApi, Json, control_api
from cli.options import AsJson, Insecure, examples
from cli.paging import part
from cli.surroundings import clock_ms
from config.settings import load

EPILOG: Final = examples("fleet events tail", "fleet events tail --webhook github --json")
POLL_S: Final = 1.0
_MOST: Final = 200
"""How many events are looked at each time, and watched until they are done."""
_OPEN: Final = frozenset({"waiting", "under_way"})


class Watch:
    """Sees events come and change.

    It asks for what came since the oldest event that is not done, at most the latest 200.
    """

    def __init__(self, api: ControlApi, query: dict[str, str], since: str) -> None:
        """Looks at what came since a moment of RFC 3339."""
        self._api = api
        self._query = query
        self._since = since
        self._known: dict[str, tuple[str, str]] = {}

    def news(self) -> list[Json]:
        """The events that are new or stand otherwise than at the last look, oldest first.

        Raises:
            ApiError: the relay was not reached, or it refused.
        """
        found = part(self._api, "events", {**self._query, "since": self._since}, _MOST, None).things
        found.reverse()
        fresh = [each for each in found if self._known.get(each["id"]) != _stand(each)]
        self._known = {each["id"]: _stand(each) for each in found}
        # What is done is looked at no more, but for the last one, which says from where to go on.
        if found:
            first_open = next((each for each in found if each["outcome"] in _OPEN), found[-1])
            self._since = first_open["received_at"]
        return fresh


def _stand(event: Json) -> tuple[str, str]:
    return event["outcome"], words.in_short(event)


def tail(
    *,
    webhook: filters.Webhook = None,
    event_type: filters.EventType = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Begin with what came since then, such as 10m. Else now."),
    ] = None,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Show events as they come, and each again when it stands otherwise, until Ctrl-C.

    With --json, each is a JSON document on a line of its own.
    """
    now_ms = clock_ms()
    query = filters.chosen(now_ms, webhook=webhook, type=event_type)
    begin = filters.chosen(now_ms, since=since or "1s")["since"]
    api = control_api(load(os.environ), insecure=insecure)
    for event in _coming(Watch(api, query, begin)):
        if as_json:
            say_json_line(event)
        else:
            say(_line(event))


def _coming(watch: Watch) -> Iterator[Json]:
    """Events without end. A relay that is away is waited for, once it has answered."""
    yield from watch.news()
    is_away = False
    while True:
        time.sleep(POLL_S)
        try:
            yield from watch.news()
        except AwayError as error:
            if not is_away:
                complain(f"{error} Waiting for it.")
            is_away = True
        else:
            is_away = False


def _line(event: Json) -> str:
    received = event["received_at"][11:19]
    became = words.in_short(event)
    return "  ".join([received, event["id"], words.webhook(event), words.kind(event), became])
