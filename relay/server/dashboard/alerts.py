"""Alerts: what is wrong with the gateway on the whole, above every page, and what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from relay.server.dashboard.connecting import connect_command
from relay.server.dashboard.times import relative, unix_ms
from relay.server.inner_api import Json

_STUCK_MS: Final = 60_000
"""An event is decided within seconds; a minute is what recovery may take."""

_SELDOM: Final = "git"
_NAMED: Final = 3
_EFFECTS: Final = {
    "events": "events are accepted and wait",
    "deliveries": "retries wait",
    "git": "no repository is polled",
}


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that needs somebody.

    Attributes:
        sentence: what is wrong, and what to do.
        command: a command line that does it; "" when there is none.
        path: page where it can be done; "" when there is none.
        link: what the link to it is called.
    """

    sentence: str
    command: str = ""
    path: str = ""
    link: str = ""


def alerts(state: Json, now_ms: int) -> list[Alert]:
    """What is wrong, the worst first.

    Args:
        state: what GET /status answers; nothing is wrong where it says nothing.
        now_ms: Unix time in milliseconds.
    """
    return [*_of_workers(state, now_ms), *_of_tunnels(state), *_of_ledger(state)]


def _of_workers(state: Json, now_ms: int) -> Iterator[Alert]:
    waiting = state.get("events", {}).get("waiting", 0)
    server = state.get("server")
    if state.get("suspended"):
        told = f"Workers are suspended: events are accepted and wait ({waiting} now)."
        if server is None:
            yield Alert(f"{told} Whoever runs the server can resume them.")
        else:
            yield Alert(told, path="/dashboard/queues", link="Resume them")
        return
    if server is not None:
        yield from _of_server(server)
    oldest = state.get("events", {}).get("oldest_waiting_at")
    if oldest and now_ms - unix_ms(oldest) > _STUCK_MS:
        remedy = "See whether workers are alive." if server else "Whoever runs the server should look."
        yield Alert(f"Events wait for a worker, the oldest since {relative(oldest, now_ms)}. {remedy}")


def _of_server(server: Json) -> Iterator[Alert]:
    served = {worker["queue"] for worker in server["workers"]}
    # Whoever watches no repository needs no worker of git.
    missing = [
        queue["name"]
        for queue in server["queues"]
        if queue["name"] not in served and (queue["name"] != _SELDOM or queue["depth"])
    ]
    if missing:
        effects = ", ".join(_EFFECTS.get(name, f"{name} wait") for name in missing)
        command = "fleet up" if not served else f"fleet run worker {missing[0]}"
        yield Alert(f"No worker is alive for {' and '.join(missing)}: {effects}. Start one:", command)
    if not server["sweeper"]:
        yield Alert("No sweeper is on duty: nothing is retried or recovered. Start one:", "fleet run sweeper")


def _of_tunnels(state: Json) -> Iterator[Alert]:
    served = {name for tunnel in state.get("tunnels", []) for name in tunnel["subscriptions"]}
    lonely = [
        each for each in state.get("subscriptions", []) if each["waiting"] and each["name"] not in served
    ]
    if not lonely:
        return
    count = sum(each["waiting"] for each in lonely)
    many = "1 delivery waits" if count == 1 else f"{count} deliveries wait"
    names = [each["name"] for each in lonely]
    told = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    who = f"no tunnel serves {told}" if state["tunnels"] else "no tunnel is connected"
    yield Alert(f"{many}, and {who}. On the machine of your program, run:", connect_command(names))


def _of_ledger(state: Json) -> Iterator[Alert]:
    if state.get("balanced") is False:
        yield Alert("The ledger does not balance. On the server, this says what is missing:", "fleet audit")
