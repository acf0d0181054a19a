"""What is wrong on the whole is said with what to do about it, and nothing where all is well."""

from typing import Any

import pytest

from relay.server.api.views import moment
from relay.server.dashboard.alerts import alerts

NOW = 1_800_000_000_000


def server(*queues: str, **changes: Any) -> dict[str, Any]:
    depths = {"events": 3, "deliveries": 0, "git": 0} | changes.pop("depths", {})
    return {
        "queues": [{"name": name, "depth": depth} for name, depth in depths.items()],
        "workers": [{"queue": queue} for queue in queues],
        "sweeper": True,
        **changes,
    }


def state(**changes: Any) -> dict[str, Any]:
    return {
        "events": {"waiting": 3, "oldest_waiting_at": moment(NOW - 1000)},
        "tunnels": [{"subscriptions": ["ci"]}],
        "subscriptions": [{"name": "ci", "waiting": 5}, {"name": "mail", "waiting": 0}],
        "suspended": False,
        "balanced": True,
        "server": server("events", "deliveries", "git"),
        **changes,
    }


def test_where_all_is_well_nothing_is_said() -> None:
    assert alerts(state(), NOW) == []
    assert alerts(state(server=None), NOW) == []
    # What is not known, because it was refused, is not wrong.
    assert alerts({}, NOW) == []
    assert alerts({"detail": "The gateway's Redis does not answer now."}, NOW) == []


@pytest.mark.parametrize(
    ("changes", "told", "command"),
    [
        ({"suspended": True}, "(3 now)", ""),
        ({"suspended": True, "server": None}, "Whoever runs the server", ""),
        ({"server": server()}, "events and deliveries", "fleet up"),
        ({"server": server("events", "git")}, "retries wait", "fleet run worker deliveries"),
        ({"server": server("deliveries")}, "are accepted and wait", "fleet run worker events"),
        (
            {"server": server("events", "deliveries", depths={"git": 1})},
            "no repository",
            "fleet run worker git",
        ),
        ({"server": server("events", "deliveries", sweeper=False)}, "No sweeper", "fleet run sweeper"),
        ({"balanced": False}, "does not balance", "fleet audit"),
        (
            {"tunnels": []},
            "5 deliveries wait, and no tunnel is connected",
            "fleet connect ci=http://127.0.0.1:3000/",
        ),
        (
            {"subscriptions": [{"name": "mail", "waiting": 1}]},
            "1 delivery waits, and no tunnel serves mail",
            "fleet connect mail=http://127.0.0.1:3000/",
        ),
        (
            {"server": None, "events": {"waiting": 1, "oldest_waiting_at": moment(NOW - 300_000)}},
            "the oldest since 5 min ago",
            "",
        ),
    ],
)
def test_what_is_wrong_is_said_once_with_what_to_do(changes: dict[str, Any], told: str, command: str) -> None:
    [alert] = alerts(state(**changes), NOW)
    assert told in alert.sentence
    assert alert.command == command


def test_workers_that_are_suspended_are_not_missing_too() -> None:
    [alert] = alerts(state(suspended=True, server=server()), NOW)
    assert alert.path == "/dashboard/queues"


def test_many_names_are_not_all_told() -> None:
    many = [{"name": f"s{number}", "waiting": 1} for number in range(9)]
    [alert] = alerts(state(subscriptions=many), NOW)
    assert "s0, s1, s2 and 6 more" in alert.sentence
    assert alert.command.count("=") == 5
