"""The pages of subscriptions: all of them, a new one, and away with one."""

from http import HTTPStatus
from typing import Any, Final

from starlette.responses import Response

from domain.subscription import heard
from relay.server.dashboard import forms
from relay.server.dashboard.page import Visitor
from relay.server.dashboard.webhook_words import mistakes
from relay.server.inner_api import Json

PATH: Final = "/dashboard/subscriptions"

_TEXTS: Final = ("name", "others", "events", "senders", "expression", "timeout_s")
_ON_A_PAGE: Final = "50"
_TO_CHOOSE: Final = "200"


async def listing(visitor: Visitor) -> Response:
    """GET /dashboard/subscriptions: with what waits for each, and whether anybody is connected for it."""
    cursor = visitor.query.get("cursor", "")
    found = await visitor.api.get("/subscriptions", {"cursor": cursor, "limit": _ON_A_PAGE})
    state = (await visitor.api.ask("GET", "/status")).content
    waiting = {each["id"]: each for each in state.get("subscriptions", ())}
    served = {name for tunnel in state.get("tunnels", ()) for name in tunnel["subscriptions"]}
    return await visitor.render(
        "subscriptions.html",
        state=state,
        subscriptions=[
            {
                **each,
                "webhooks": heard(each["webhooks"]),
                "deleted": len(each["webhooks"]) - len(heard(each["webhooks"])),
                "waits": waiting.get(each["id"]),
                "is_served": each["name"] in served,
            }
            for each in found["subscriptions"]
        ],
        next=found["next"],
        cursor=cursor,
    )


async def form(visitor: Visitor) -> Response:
    """GET /dashboard/subscriptions/new: `webhook` is chosen already."""
    first = visitor.query.get("webhook", "")
    values: Json = {
        "name": "",
        "webhooks": [first] if first else [],
        "others": "",
        "events": "",
        "senders": "",
        "expression": "",
        "timeout_s": "30",
    }
    return await visitor.render("subscription_new.html", **await _form(visitor, values, {}))


async def create(visitor: Visitor) -> Response:
    """POST /dashboard/subscriptions."""
    values: Json = {name: visitor.text(name) for name in _TEXTS}
    values["webhooks"] = [str(each) for each in visitor.form.getlist("webhook")]
    timeout = values["timeout_s"]
    errors: dict[str, str] = {}
    if forms.number(timeout) is None:
        errors["timeout_s"] = "A whole number of seconds, such as 30."
    if not errors:
        answer = await visitor.api.ask("POST", "/subscriptions", json=_wish(values))
        if not answer.is_refusal:
            name = answer.content["name"]
            sentence = f"{name} is subscribed: matching events wait from now on until a connector takes them."
            return visitor.redirect(f"{PATH}#{answer.content['id']}", sentence)
        errors = mistakes(answer.content)
    return await visitor.render(
        "subscription_new.html", HTTPStatus.UNPROCESSABLE_ENTITY, **await _form(visitor, values, errors)
    )


async def remove(visitor: Visitor) -> Response:
    """POST /dashboard/subscriptions/{wanted}/delete."""
    await visitor.api.done("DELETE", f"/subscriptions/{visitor.wanted}")
    return visitor.redirect(PATH, f"{visitor.wanted} is removed; what waited for it is cancelled.")


async def _form(visitor: Visitor, values: Json, errors: dict[str, str]) -> dict[str, Any]:
    found = await visitor.api.get("/webhooks", {"limit": _TO_CHOOSE})
    names = [each["name"] for each in found["webhooks"]]
    chosen = [name for name in values["webhooks"] if name not in names]
    return {
        "names": [*chosen, *names],
        "is_more": found["next"] is not None,
        "values": values,
        "errors": errors,
    }


def _wish(values: Json) -> Json:
    return {
        "name": values["name"],
        "webhooks": [*values["webhooks"], *_words(values["others"])],
        "events": _words(values["events"]),
        "senders": _words(values["senders"]),
        # Browsers end lines with two characters.
        "expression": "\n".join(values["expression"].splitlines()).strip(),
        "timeout_s": int(values["timeout_s"]),
    }


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()
