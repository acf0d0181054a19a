"""Which resource stands where."""

from typing import Final

from starlette.routing import BaseRoute, Mount, Route

from relay.server.api import (
    events,
    examination,
    gateway,
    networks,
    openapi,
    repo_secrets,
    repos,
    rotation,
    samples,
    sign_in_links,
    subscriptions,
    webhooks,
)
from relay.server.api.resource import Published, Resource

PREFIX: Final = "/api/v1"


def api_routes() -> list[BaseRoute]:
    """The routes of the control API, for the relay's application.

    They find their surroundings, a `RelayContext`, in `app.state.context`.
    """
    inside: list[BaseRoute] = [
        Route("/openapi.json", Published("application/json", openapi.rendered)),
        Route("/gateway", Resource(GET=gateway.show)),
        Route("/webhooks", Resource(GET=webhooks.listing, POST=webhooks.create)),
        Route(
            "/webhooks/{wanted}",
            Resource(GET=webhooks.show, PATCH=webhooks.change, DELETE=webhooks.delete),
        ),
        Route("/webhooks/{wanted}/secret", Resource(PUT=rotation.set_secret)),
        Route("/webhooks/{wanted}/secrets", Resource(POST=rotation.rotate, DELETE=rotation.remove_all)),
        Route("/webhooks/{wanted}/secrets/{secret}", Resource(DELETE=rotation.remove)),
        Route("/webhooks/{wanted}/reveal", Resource(POST=rotation.reveal)),
        Route("/webhooks/{wanted}/samples", Resource(POST=samples.create)),
        Route("/webhooks/{wanted}/examination", Resource(POST=examination.begin)),
        Route("/networks", Resource(GET=networks.listing)),
        Route("/subscriptions", Resource(GET=subscriptions.listing, POST=subscriptions.create)),
        Route("/subscriptions/{wanted}", Resource(GET=subscriptions.show, DELETE=subscriptions.remove)),
        Route("/repos", Resource(GET=repos.listing)),
        Route("/repos/{namespace}/{name}", Resource(GET=repos.show, PUT=repos.put, DELETE=repos.delete)),
        Route("/repos/{namespace}/{name}/sync", Resource(POST=repos.sync)),
        Route("/secrets", Resource(GET=repo_secrets.listing)),
        Route(
            "/secrets/{namespace}/{name}",
            Resource(GET=repo_secrets.show, PUT=repo_secrets.put, DELETE=repo_secrets.delete),
        ),
        Route("/events", Resource(GET=events.listing)),
        Route("/events/{wanted}", Resource(GET=events.show)),
        Route("/events/{wanted}/retry", Resource(POST=events.retry)),
        Route("/events/{wanted}/examination", Resource(POST=examination.of_event)),
        Route("/sign-in-links", Resource(POST=sign_in_links.create)),
        # Whatever else is asked for is refused here too, behind the same check of the token.
        Route("/{rest:path}", Resource()),
    ]
    return [Mount(PREFIX, routes=inside)]
