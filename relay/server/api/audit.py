"""The audit in the control API: whether the counters of a gateway add up."""

from starlette.responses import JSONResponse, Response

from domain.ledger import differences
from relay.server.api.resource import Visit
from store import ledger


async def show(visit: Visit) -> Response:
    """GET /audit. What is there is counted one by one on the server only: `fleet audit`."""
    counts = await visit.context.store.run(ledger.counts(visit.gateway.id))
    found = differences(counts, None)
    return JSONResponse({"balanced": not found, "differences": found, "counts": dict(sorted(counts.items()))})
