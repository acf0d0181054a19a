"""The documents that programs read are those that the page on listening tells of, with their fields."""

import io
import json
import re
from typing import Any

import pytest

from cli.listen.destination import destination
from cli.listen.for_programs import ForPrograms
from cli.listen.hooks import Hook, Whereabouts
from cli.listen.opening import Opening, Other
from cli.telling.lines import Lines
from cli.telling.programs import Programs
from domain.delivery import Outcome
from relay.connector.target import Answer
from relay.tunnel.messages import Served, Welcome
from tests.documents import codes, table
from tests.http_arrival import NOW_MS, arrival

VIEW = {"name": "hook", "sender": "github", "url": "https://h.example/t/x", "signature": "required"}
EVENT = {"id": "evt_1", "webhook_name": "hook", "type": "push", "rejected_because": "too_old"}
HOOK = Hook(VIEW, is_new=True, secret=Whereabouts.VAULT, trouble="", next_step="Paste it.")
OPENING = Opening(
    hooks=(HOOK,),
    to=destination("3000", None),
    is_up=True,
    is_checked=False,
    subscription={"name": "listen-here-abc", "linger_s": 3600},
    others=(Other("app", is_connected=True),),
    vault="the vault",
)


@pytest.fixture
def said() -> dict[str, dict[str, Any]]:
    """Everything that can be said, by its kind."""
    stream = io.StringIO()
    observer = Programs(Lines(stream), lambda: NOW_MS)
    teller = ForPrograms(observer)
    teller.ready(OPENING)
    observer.on_connected(Welcome("session", 15.0, 5.0, (Served("sub_1", "app", 30),)))
    observer.on_disconnected("The relay restarts.", 0.1)
    observer.on_moved("The relay is stopping.", 0.1)
    observer.on_stopping(2)
    observer.on_delivery(arrival(), Answer(Outcome.DELIVERED, "200"), 1.0)
    teller.nobody_there("http://localhost:3000/")
    teller.somebody_there("http://localhost:3000/")
    teller.backlog(3)
    teller.rejected(EVENT)
    teller.refused("hook", "limited", 2)
    teller.changed("hook", "required")
    teller.gone("hook")
    teller.renewed("listen-here-def")
    teller.ended("listen-here-def", ["hook"], is_kept=False, is_removed=True)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert all(line["at"] == NOW_MS for line in lines)
    return {line["what"]: line for line in lines}


def test_each_is_in_the_table_with_its_fields(said: dict[str, dict[str, Any]]) -> None:
    rows = table("docs/listening.md", "| `what` | fields | meaning |")
    told = {what: set(codes(row[1])) for row in rows for what in codes(row[0])}
    assert told == {what: facts.keys() - {"at", "what"} for what, facts in said.items()}


def test_the_fields_of_a_webhook_are_told(said: dict[str, dict[str, Any]]) -> None:
    [meaning] = [
        row[2] for row in table("docs/listening.md", "| `what` | fields | meaning |") if "`ready`" in row[0]
    ]
    found = re.search(r"Of each webhook: (.*?)\. ", meaning)
    assert found is not None
    assert set(codes(found[1])) == said["ready"]["webhooks"][0].keys()
    assert {str(each) for each in Whereabouts} <= set(codes(meaning))
