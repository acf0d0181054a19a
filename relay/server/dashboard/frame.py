"""The frame around every page: who is signed in, where one can go, and what is wrong on the whole."""

from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import HTTPConnection

from domain.gateway import Gateway
from relay.server.dashboard.alerts import alerts
from relay.server.dashboard.session import Session
from relay.server.inner_api import Json

_THEMES: Final = frozenset({"light", "dark"})
_THEME_COOKIE: Final = "fleet_theme"


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation.

    Attributes:
        title: what it is called.
        path: where it leads.
        icon: name of its symbol in icons.svg.
        count: how many things there need somebody.
        is_here: whether it is the page that is shown, or one below it.
    """

    title: str
    path: str
    icon: str
    count: int = 0
    is_here: bool = False


_PLACES: Final = (
    Place("Remote", "/dashboard", "remote"),
    Place("Webhooks", "/dashboard/webhooks", "webhook"),
    Place("Subscriptions", "/dashboard/subscriptions", "plug"),
    Place("Repos", "/dashboard/repos", "repo"),
    Place("Events", "/dashboard/events", "event"),
    Place("Failed", "/dashboard/failed", "failed"),
    Place("Queues", "/dashboard/queues", "queue"),
)


def of(
    connection: HTTPConnection, gateway: Gateway, session: Session, state: Json, now_ms: int
) -> dict[str, Any]:
    """What the frame of a page for somebody who is signed in reads.

    Args:
        connection: the request.
        gateway: in whose name.
        session: the session.
        state: what GET /status answers.
        now_ms: Unix time in milliseconds.
    """
    return {
        **alone(connection),
        "gateway": gateway,
        "csrf": session.nonce,
        "now_ms": now_ms,
        "places": _places(connection.url.path, state),
        "alerts": alerts(state, now_ms),
        "state": state,
    }


def alone(connection: HTTPConnection) -> dict[str, Any]:
    """What every page reads, whoever looks at it."""
    theme = connection.cookies.get(_THEME_COOKIE, "")
    query = connection.url.query
    return {
        "theme": theme if theme in _THEMES else "auto",
        "here": connection.url.path + (f"?{query}" if query else ""),
    }


def _places(path: str, state: Json) -> list[Place]:
    dead = int(state.get("deliveries", {}).get("dead", 0))
    return [
        Place(
            each.title,
            each.path,
            each.icon,
            dead if each.title == "Failed" else 0,
            path == each.path or (each.path != "/dashboard" and path.startswith(f"{each.path}/")),
        )
        for each in _PLACES
    ]
