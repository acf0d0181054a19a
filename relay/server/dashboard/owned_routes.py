"""Which page stands where, of the things that an owner makes: webhooks, subscriptions, repos."""

from starlette.routing import BaseRoute, Route

from relay.server.dashboard import (
    repos,
    subscriptions,
    webhook_changes,
    webhook_making,
    webhook_test,
    webhooks,
)
from relay.server.dashboard.page import Page


def owned_routes(prefix: str) -> list[BaseRoute]:
    """The routes of webhooks, subscriptions and repos, below the path of the dashboard."""
    return [*_of_webhooks(prefix), *_of_subscriptions(prefix), *_of_repos(prefix)]


def _of_webhooks(prefix: str) -> list[BaseRoute]:
    one = f"{prefix}/webhooks/{{wanted}}"
    return [
        Route(f"{prefix}/webhooks", Page(GET=webhooks.listing, POST=webhook_making.create)),
        Route(f"{prefix}/webhooks/new", Page(GET=webhook_making.form)),
        Route(f"{prefix}/webhooks/new/sender", Page(GET=webhook_making.sender)),
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


def _of_subscriptions(prefix: str) -> list[BaseRoute]:
    return [
        Route(f"{prefix}/subscriptions", Page(GET=subscriptions.listing, POST=subscriptions.create)),
        Route(f"{prefix}/subscriptions/new", Page(GET=subscriptions.form)),
        Route(f"{prefix}/subscriptions/{{wanted}}/delete", Page(POST=subscriptions.remove)),
    ]


def _of_repos(prefix: str) -> list[BaseRoute]:
    one = f"{prefix}/repos/{{namespace}}/{{name}}"
    return [
        Route(f"{prefix}/repos", Page(GET=repos.listing)),
        Route(one, Page(GET=repos.show)),
        Route(f"{one}/sync", Page(POST=repos.sync)),
        Route(f"{one}/delete", Page(POST=repos.delete)),
    ]
