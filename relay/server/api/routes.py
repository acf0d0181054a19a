"""Which resource stands where."""

from typing import Final

from starlette.routing import BaseRoute, Mount, Route

from relay.server.api import (
    audit,
    bulk,
    deliveries,
    events,
    examination,
    gateway,
    networks,
    openapi,
    proofs,
    pulling,
    queues,
    repo_secrets,
    repos,
    rotation,
    samples,
    sign_in_links,
    status,
    subscriptions,
    testing,
    webhooks,
)
from relay.server.api.once import once
from relay.server.api.resource import Published, Resource

PREFIX: Final = "/api/v1"


def api_routes() -> list[BaseRoute]:
    """The routes of the control API, for the relay's application.

    They find their surroundings, a `RelayContext`, in `app.state.context`.
    """
    inside: list[BaseRoute] = [
        Route("/openapi.json", Published("application/json", openapi.rendered)),
        Route("/gateway", Resource(GET=gateway.show)),
        Route("/webhooks", Resource(GET=webhooks.listing, POST=once(webhooks.create))),
        Route(
            "/webhooks/{wanted}",
            Resource(GET=webhooks.show, PATCH=webhooks.change, DELETE=webhooks.delete),
        ),
        Route("/webhooks/{wanted}/secret", Resource(PUT=rotation.set_secret)),
        Route("/webhooks/{wanted}/secrets", Resource(POST=once(rotation.rotate), DELETE=rotation.remove_all)),
        Route("/webhooks/{wanted}/secrets/{secret}", Resource(DELETE=rotation.remove)),
        Route("/webhooks/{wanted}/reveal", Resource(POST=rotation.reveal)),
        Route("/webhooks/{wanted}/pull", Resource(POST=pulling.pull)),
        Route("/webhooks/{wanted}/samples", Resource(POST=samples.create)),
        Route("/webhooks/{wanted}/test", Resource(POST=testing.create)),
        Route("/webhooks/{wanted}/examination", Resource(POST=examination.begin)),
        Route("/networks", Resource(GET=networks.listing)),
        Route("/proofs", Resource(POST=proofs.create)),
        Route("/subscriptions", Resource(GET=subscriptions.listing, POST=once(subscriptions.create))),
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
        Route("/deliveries", Resource(GET=deliveries.listing)),
        # What is fixed stands before what is wanted, or it would be taken for an id.
        Route("/deliveries/count", Resource(GET=deliveries.count)),
        Route("/deliveries/retry", Resource(POST=bulk.retry)),
        Route("/deliveries/discard", Resource(POST=bulk.discard)),
        Route("/deliveries/{wanted}", Resource(GET=deliveries.show)),
        Route("/deliveries/{wanted}/retry", Resource(POST=deliveries.retry)),
        Route("/deliveries/{wanted}/discard", Resource(POST=deliveries.discard)),
        Route("/status", Resource(GET=status.show)),
        Route("/audit", Resource(GET=audit.show)),
        Route("/queues", Resource(GET=queues.show)),
        Route("/queues/suspend", Resource(POST=queues.suspend)),
        Route("/queues/resume", Resource(POST=queues.resume)),
        # Whatever else is asked for is refused here too, behind the same check of the token.
        Route("/{rest:path}", Resource()),
    ]
    return [Mount(PREFIX, routes=inside)]
