"""Which page stands where."""

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from relay.server.dashboard import bulk, events, failed, queues, remote, sign_in, static
from relay.server.dashboard.attempts import Attempts
from relay.server.dashboard.live import Live
from relay.server.dashboard.owned_routes import owned_routes
from relay.server.dashboard.page import Page
from relay.server.dashboard.sign_in import Entrance

PREFIX: Final = "/dashboard"


def dashboard_routes(clock_ms: Callable[[], int], is_stopping: Callable[[], bool]) -> list[BaseRoute]:
    """The routes of the dashboard, for the relay's application.

    Args:
        clock_ms: Unix time in milliseconds.
        is_stopping: whether the relay is about to end.
    """
    attempts = Attempts(clock_ms)
    return [
        Route("/", _to_dashboard),
        Route(PREFIX, Page(GET=remote.show)),
        Route(f"{PREFIX}/", _to_dashboard),
        Route(f"{PREFIX}/sign-in", Entrance(attempts, by_link=False)),
        Route(f"{PREFIX}/enter", Entrance(attempts, by_link=True)),
        Route(f"{PREFIX}/events", Page(GET=events.listing)),
        Route(f"{PREFIX}/events/{{wanted}}", Page(GET=events.show)),
        Route(f"{PREFIX}/events/{{wanted}}/retry", Page(POST=events.retry)),
        Route(f"{PREFIX}/failed", Page(GET=failed.listing)),
        Route(f"{PREFIX}/failed/chosen", Page(POST=failed.chosen)),
        Route(f"{PREFIX}/failed/all", Page(GET=bulk.preview, POST=bulk.step)),
        Route(f"{PREFIX}/deliveries/{{wanted}}/retry", Page(POST=failed.retry)),
        Route(f"{PREFIX}/deliveries/{{wanted}}/discard", Page(POST=failed.discard)),
        Route(f"{PREFIX}/queues", Page(GET=queues.show)),
        Route(f"{PREFIX}/queues/suspend", Page(POST=queues.suspend)),
        Route(f"{PREFIX}/queues/resume", Page(POST=queues.resume)),
        Route(f"{PREFIX}/sign-out", Page(POST=sign_in.leave)),
        Route(f"{PREFIX}/live", Live(is_stopping)),
        *owned_routes(PREFIX),
        Route(f"{static.PATH}/{{name:path}}", static.serve, methods=["GET"]),
    ]


async def _to_dashboard(_: Request) -> Response:
    return RedirectResponse(PREFIX)
