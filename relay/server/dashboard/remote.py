"""The page Remote: is it up, is anything stuck."""

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from relay.server.access import origin_of
from relay.server.dashboard import chart
from relay.server.dashboard.connecting import connect_command
from relay.server.dashboard.page import Visitor
from relay.server.inner_api import Json

_SPANS: Final = {"hour": "1 minute", "day": "15 minutes"}


@dataclass(frozen=True, slots=True)
class Step:
    """One of the things that somebody does once, until events flow.

    Attributes:
        title: what to do.
        is_done: whether it was done.
        text: why, and how.
        command: the command line; "" when there is none.
        path: page where it can be done; "" when there is none.
        link: what the link to it is called.
    """

    title: str
    is_done: bool
    text: str
    command: str = ""
    path: str = ""
    link: str = ""


async def show(visitor: Visitor) -> Response:
    """GET /dashboard."""
    state = await visitor.api.get("/status")
    span = visitor.query.get("chart", "")
    span = span if span in _SPANS else "hour"
    return await visitor.render(
        "remote.html",
        state=state,
        chart=chart.of(state["chart"][span], _SPANS[span]),
        span=span,
        connect=connect_command([each["name"] for each in state["subscriptions"]]),
        relay=origin_of(visitor.request),
        steps=await _steps(visitor, state),
    )


async def _steps(visitor: Visitor, state: Json) -> list[Step]:
    """What is left to do until the first event arrives; nothing once one did and a tunnel is there."""
    if state["events"]["accepted"] and (state["tunnels"] or state["last_tunnel"]):
        return []
    webhooks = (await visitor.api.get("/webhooks", {"limit": "1"}))["webhooks"]
    first = webhooks[0]["name"] if webhooks else "github"
    names = [each["name"] for each in state["subscriptions"]]
    return [
        Step(
            "Create a webhook",
            bool(webhooks),
            "It has a URL that you enter at the sender.",
            "" if webhooks else "fleet webhooks create github --sender github --require-signature",
            "/dashboard/webhooks/new",
            "Create it here",
        ),
        Step(
            "Subscribe to it",
            bool(names),
            "From then on matching events wait for your program, even while it is away.",
            "" if names else f"fleet subscriptions add app --webhook {first}",
        ),
        Step(
            "Connect your program",
            bool(state["tunnels"]),
            "On the machine where it runs; nothing has to reach that machine from outside.",
            "" if state["tunnels"] else connect_command(names or ["app"]),
        ),
        Step(
            "Send an event",
            bool(state["events"]["accepted"]),
            "Let the sender do it, or send a signed sample.",
            "" if state["events"]["accepted"] else f"fleet webhooks test {first}",
        ),
    ]
