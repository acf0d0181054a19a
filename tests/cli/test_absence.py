"""Absence: who waits for a worker is told whether there is one to wait for."""

from typing import Any

import pytest

from cli.absence import absence
from cli.client import ControlApi, Json


class _Api(ControlApi):
    """A relay that knows how workers are."""

    def __init__(self, **status: object) -> None:
        super().__init__("http://127.0.0.1:1", "token")
        self._status = status

    def ask(self, method: str, *path: str, **_: Any) -> Json:
        assert (method, path) == ("GET", ("status",))
        return self._status


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ({"suspended": False, "server": None}, "Is one running? 'fleet status' says it."),
        ({"suspended": True, "server": {}}, "Workers are suspended: 'fleet queues resume' lets them go on."),
        ({"suspended": True, "server": None}, "until whoever runs the server resumes them."),
    ],
)
def test_what_waits_says_what_it_waits_for(status: dict[str, Any], told: str) -> None:
    assert absence(_Api(**status), {"state": "waiting"}).endswith(told)


def test_nothing_is_asked_where_nothing_waits() -> None:
    assert absence(_Api(), {"state": "fanned_out"}) == ""
    assert absence(_Api(), {}) == ""
