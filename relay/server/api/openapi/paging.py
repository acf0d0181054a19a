"""Pages of long lists, described."""

from typing import Final

from relay.server.api.openapi.operation import Query
from relay.server.api.openapi.schemas import Schema, maybe, moment, text, whole
from relay.server.api.paging import DEFAULT_LIMIT, MAX_LIMIT

PAGES: Final = (
    Query("limit", whole("How many stand on a page.", 1, maximum=MAX_LIMIT, default=DEFAULT_LIMIT)),
    Query("cursor", text("`next` of the page before.")),
)
NAMED_PAGES: Final = (
    *PAGES,
    Query("namespace", text("Only those of this namespace.")),
    Query("name", text("Only those of this name, in whatever namespace.")),
)
AGED_PAGES: Final = (*PAGES, Query("name", text("Only those with this anywhere in their names.")))
NEXT: Final = maybe(text("The cursor of the next page; null on the last one."))
LOOKED: Final[dict[str, Schema]] = {
    "next": NEXT,
    "looked_back_to": maybe(moment("How far back this request looked; null: at nothing.")),
}
"""The end of a page of a list in which one request looks at so many entries only."""
