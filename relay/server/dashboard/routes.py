"""Which page stands where."""

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from relay.server.dashboard import (
    remote,
    repos,
    sign_in,
    static,
    subscriptions,
    webhook_changes,
    webhook_making,
    webhook_test,
    webhooks,
)
from relay.server.dashboard.attempts import Attempts
from relay.server.dashboard.live import Live
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
        Route(f"{PREFIX}/sign-out", Page(POST=sign_in.leave)),
        Route(f"{PREFIX}/live", Live(is_stopping)),
        *_of_webhooks(),
        *_of_subscriptions(),
        *_of_repos(),
        Route(f"{static.PATH}/{{name:path}}", static.serve, methods=["GET"]),
    ]


async def _to_dashboard(_: Request) -> Response:
    return RedirectResponse(PREFIX)


def _of_webhooks() -> list[BaseRoute]:
    one = f"{PREFIX}/webhooks/{{wanted}}"
    return [
        Route(f"{PREFIX}/webhooks", Page(GET=webhooks.listing, POST=webhook_making.create)),
        Route(f"{PREFIX}/webhooks/new", Page(GET=webhook_making.form)),
        Route(f"{PREFIX}/webhooks/new/sender", Page(GET=webhook_making.sender)),
        Route(one, Page(GET=webhooks.show, POST=webhook_changes.change)),
        Route(f"{one}/edit", Page(GET=webhook_changes.edit)),
        Route(f"{one}/pause", Page(POST=webhook_changes.pause)),
        Route(f"{one}/resume", Page(POST=webhook_changes.resume)),
        Route(f"{one}/test", Page(POST=webhook_test.begin)),
        Route(f"{one}/test/{{event}}", Page(GET=webhook_test.look)),
        Route(f"{one}/secrets", Page(POST=webhook_changes.rotate)),
        Route(f"{one}/secrets/{{secret}}/delete", Page(POST=webhook_changes.forget)),
        Route(f"{one}/reveal", Page(POST=webhook_changes.reveal)),
        Route(f"{one}/delete", Page(POST=webhook_changes.delete)),
    ]


def _of_subscriptions() -> list[BaseRoute]:
    return [
        Route(f"{PREFIX}/subscriptions", Page(GET=subscriptions.listing, POST=subscriptions.create)),
        Route(f"{PREFIX}/subscriptions/new", Page(GET=subscriptions.form)),
        Route(f"{PREFIX}/subscriptions/{{wanted}}/delete", Page(POST=subscriptions.remove)),
    ]


def _of_repos() -> list[BaseRoute]:
    one = f"{PREFIX}/repos/{{namespace}}/{{name}}"
    return [
        Route(f"{PREFIX}/repos", Page(GET=repos.listing)),
        Route(one, Page(GET=repos.show)),
        Route(f"{one}/sync", Page(POST=repos.sync)),
        Route(f"{one}/delete", Page(POST=repos.delete)),
    ]
