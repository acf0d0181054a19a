"""Named lists in the control API: shown, so that owners can choose. They are changed on the server only."""

from collections.abc import Sequence

from starlette.responses import JSONResponse, Response

from domain.allowed import list_names, require_known
from relay.server.api.resource import Visit
from relay.server.api.views import of_list
from store import named_lists


async def listing(visit: Visit) -> Response:
    """GET /networks."""
    found = await visit.context.store.run(named_lists.every())
    return JSONResponse({"networks": [of_list(found[name]) for name in sorted(found)]})


async def require_lists(visit: Visit, entries: Sequence[str]) -> None:
    """Check that the lists that a webhook is to name exist.

    Raises:
        InvalidInputError: one does not.
    """
    if list_names(entries):
        require_known(entries, tuple(await visit.context.store.run(named_lists.every())))
