"""The row of the tunnel says since when there is none as people say it."""

from typing import Any, cast

import pytest

from cli.checkup.relay import rows
from cli.client import ControlApi

STATUS: dict[str, Any] = {
    "now": "2026-01-31T12:00:00.000Z",
    "gateway": {"name": "home"},
    "tunnels": [],
    "subscriptions": [{"name": "app"}],
}


class Relay:
    """Answers every question with a status."""

    def __init__(self, last: object) -> None:
        self.status = {**STATUS, "last_tunnel": last}

    def ask(self, *_path: str) -> dict[str, Any]:
        return self.status


@pytest.mark.parametrize(
    ("last", "told"),
    [
        ({"left_at": "2026-01-31T11:57:00.000Z"}, "none; the last left 3 m ago"),
        (None, "there was none yet"),
    ],
)
def test_no_tunnel(last: object, told: str) -> None:
    found, _ = rows(cast("ControlApi", Relay(last)))
    assert found[-1].finding == told
