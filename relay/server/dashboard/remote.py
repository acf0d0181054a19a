"""The page Remote: is it up, is anything stuck."""

from starlette.responses import Response

from relay.server.dashboard.page import Visitor


async def show(visitor: Visitor) -> Response:
    """GET /dashboard."""
    state = await visitor.api.get("/status")
    return await visitor.render("remote.html", state=state)
