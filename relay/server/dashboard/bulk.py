"""Retrying or discarding all failed deliveries of a filter: a preview, then bounded steps with progress.

The browser carries the work from step to step: each is one request of a bounded size, and nothing of it
stands anywhere on the server. So it goes on where it was after anything was restarted.
"""

from typing import Any, Final

from starlette.responses import Response

from relay.server.dashboard import filters
from relay.server.dashboard.failed import NAMES, PATH
from relay.server.dashboard.page import HTMX, Visitor
from relay.server.inner_api import Answer

ALL: Final = f"{PATH}/all"
_STEP: Final = 200
_REASONS: Final = ("not_dead", "body_gone", "unknown")


async def preview(visitor: Visitor) -> Response:
    """GET /dashboard/failed/all?what=retry|discard: how many it would be."""
    wanted = filters.of(PATH, NAMES, visitor.query)
    return await visitor.render(
        "bulk.html",
        wanted=wanted,
        what=_what(visitor.query.get("what")),
        count=await visitor.api.get("/deliveries/count", wanted.asked),
    )


async def step(visitor: Visitor) -> Response:
    """POST /dashboard/failed/all: one step, or the next."""
    wanted = filters.of(PATH, NAMES, visitor.form)
    what = _what(visitor.form.get("what"))
    body: dict[str, Any] = {
        "filter": wanted.asked,
        "limit": _STEP,
        "cursor": visitor.text("cursor") or None,
        "until": visitor.text("began") or None,
    }
    answer = await visitor.api.ask("POST", f"/deliveries/{what}", json=body)
    facts: dict[str, Any] = {"wanted": wanted, "what": what, **_after(visitor, answer)}
    if visitor.request.headers.get(HTMX) == "true":
        return visitor.part("bulk_step.html", here=PATH, **facts)
    return await visitor.render("bulk_run.html", **facts)


def _after(visitor: Visitor, answer: Answer) -> dict[str, Any]:
    """Where the work stands after a step; where it was before, when the step was refused."""
    said, skipped = answer.content, {reason: _number(visitor, reason) for reason in _REASONS}
    for each in said.get("skipped", []):
        skipped[each["because"]] = skipped.get(each["because"], 0) + 1
    done = _number(visitor, "done") + said.get("done", 0)
    return {
        "problem": answer.sentence if answer.is_refusal else "",
        "cursor": visitor.text("cursor") if answer.is_refusal else said["next"],
        "began": visitor.text("began") if answer.is_refusal else said["until"],
        "done": done,
        "skipped": skipped,
        "passed": done + sum(skipped.values()),
        "total": max(_number(visitor, "total"), done + sum(skipped.values())),
        "is_over": not answer.is_refusal and said["next"] is None,
    }


def _number(visitor: Visitor, name: str) -> int:
    text = visitor.text(name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004 - digits of any count


def _what(value: object) -> str:
    return "discard" if value == "discard" else "retry"
