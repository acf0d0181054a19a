"""The page Queues: RQ's queues and the workers of the server, for whoever runs it."""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from relay.server.dashboard.page import Visitor, refused

PATH: Final = "/dashboard/queues"
PAUSES: Final = (
    ("", "until somebody resumes them"),
    ("900", "for 15 minutes"),
    ("3600", "for 1 hour"),
    ("28800", "for 8 hours"),
)


async def show(visitor: Visitor) -> Response:
    """GET /dashboard/queues."""
    answer = await visitor.api.ask("GET", "/queues")
    if answer.is_refusal and answer.status != HTTPStatus.FORBIDDEN:
        return await refused(visitor, answer)
    server = None if answer.is_refusal else answer.content
    return await visitor.render("queues.html", server=server, pauses=PAUSES)


async def suspend(visitor: Visitor) -> Response:
    """POST /dashboard/queues/suspend."""
    seconds = visitor.text("for_s")
    wish = {"for_s": int(seconds) if seconds in dict(PAUSES) and seconds else None}
    await visitor.api.done("POST", "/queues/suspend", json=wish)
    return visitor.redirect(
        PATH, "Workers are suspended; each may still take one job. Events are accepted and wait."
    )


async def resume(visitor: Visitor) -> Response:
    """POST /dashboard/queues/resume."""
    await visitor.api.done("POST", "/queues/resume")
    return visitor.redirect(PATH, "Workers go on.")
