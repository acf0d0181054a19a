"""The page Failed: deliveries that died, one by one, the chosen, or all of a filter after a preview."""

from typing import Final

from starlette.responses import Response

from relay.server.dashboard import choices, filters
from relay.server.dashboard.page import Visitor

PATH: Final = "/dashboard/failed"
NAMES: Final = ("webhook", "subscription", "type", "since", "until")
_LIMIT: Final = "100"
_DONE: Final = {"retry": "retried", "discard": "discarded"}


async def listing(visitor: Visitor) -> Response:
    """GET /dashboard/failed."""
    wanted = filters.of(PATH, NAMES, visitor.query)
    cursor = visitor.query.get("cursor", "")
    answer = await visitor.api.ask("GET", "/deliveries", {**wanted.asked, "cursor": cursor, "limit": _LIMIT})
    count = await visitor.api.ask("GET", "/deliveries/count", wanted.asked)
    refusal = next((each.sentence for each in (answer, count) if each.is_refusal), "")
    return await visitor.render(
        "failed.html",
        status=answer.status if answer.is_refusal else 200,
        wanted=wanted,
        webhooks=await choices.names(visitor, "webhooks"),
        subscriptions=await choices.names(visitor, "subscriptions"),
        problem=refusal,
        deliveries=answer.content.get("deliveries", []),
        next=answer.content.get("next"),
        looked_back_to=answer.content.get("looked_back_to"),
        count=None if refusal else count.content,
        cursor=cursor,
    )


async def retry(visitor: Visitor) -> Response:
    """POST /dashboard/deliveries/{id}/retry, from the list or from the story of its event."""
    return await _one(visitor, "retry", "It is on its way again.")


async def discard(visitor: Visitor) -> Response:
    """POST /dashboard/deliveries/{id}/discard, likewise."""
    return await _one(visitor, "discard", "It was given up and will never be delivered.")


async def _one(visitor: Visitor, what: str, told: str) -> Response:
    back = visitor.text("back")
    # Only what is ours: a form could be made to lead elsewhere.
    back = back if back.startswith(("/dashboard/failed", "/dashboard/events/")) else PATH
    answer = await visitor.api.ask("POST", f"/deliveries/{visitor.wanted}/{what}")
    return visitor.redirect(
        back, answer.sentence if answer.is_refusal else told, is_problem=answer.is_refusal
    )


async def chosen(visitor: Visitor) -> Response:
    """POST /dashboard/failed/chosen: those whose boxes are checked."""
    what = "discard" if visitor.text("what") == "discard" else "retry"
    back = filters.of(PATH, NAMES, visitor.form).link()
    ids = [value for value in visitor.form.getlist("chosen") if isinstance(value, str)]
    if not ids:
        return visitor.redirect(back, "Nothing was chosen: check the boxes first.", is_problem=True)
    answer = await visitor.api.ask("POST", f"/deliveries/{what}", json={"deliveries": ids})
    if answer.is_refusal:
        return visitor.redirect(back, answer.sentence, is_problem=True)
    done, skipped = answer.content["done"], len(answer.content["skipped"])
    told = f"{done} of {len(ids)} {_DONE[what]}."
    if skipped:
        told += f" {skipped} could not be: somebody was faster, or their body is gone."
    return visitor.redirect(back, told, is_problem=not done)
