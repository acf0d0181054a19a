"""Making a webhook: the form, and the one page that shows its secret."""

import json
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import Response

from relay.server.dashboard import forms, senders
from relay.server.dashboard.page import HTMX, Visitor
from relay.server.dashboard.webhook_words import mistakes, shown
from relay.server.dashboard.webhooks import PATH
from relay.server.inner_api import Json

PARAMETER: Final = "parameters."
"""How the names of fields begin that are parameters of a sender."""

_FIELDS: Final = ("name", "sender", "description", "hourly_limit", "allow_ips")


async def form(visitor: Visitor) -> Response:
    """GET /dashboard/webhooks/new."""
    key = visitor.query.get("sender", "github")
    values = {**dict.fromkeys(_FIELDS, ""), "sender": key, "require_signature": True, "https_only": False}
    return await visitor.render("webhook_new.html", **_form(values, {}, {}))


async def sender(visitor: Visitor) -> Response:
    """GET /dashboard/webhooks/new/sender: what is to be known of the sender that was chosen."""
    chosen = senders.chosen(visitor.query.get("sender", ""))
    return visitor.part("sender_part.html", chosen=chosen, parameters={}, errors={})


async def create(visitor: Visitor) -> Response:
    """POST /dashboard/webhooks. The answer to just this request has the secret; nothing leads back to it."""
    values, parameters = _values(visitor), _parameters(visitor)
    wish, errors = _wish(values, parameters)
    if not errors:
        answer = await visitor.api.ask("POST", "/webhooks", json=wish)
        if not answer.is_refusal:
            return await _made(visitor, answer.content)
        errors = mistakes(answer.content)
    facts = _form(values, parameters, errors)
    if _is_part(visitor):
        # htmx puts nothing in place that is called a failure.
        return visitor.part("webhook_form.html", **facts)
    return await visitor.render("webhook_new.html", HTTPStatus.UNPROCESSABLE_ENTITY, **facts)


async def _made(visitor: Visitor, webhook: Json) -> Response:
    facts: dict[str, Any] = {
        "webhook": shown(webhook, visitor.now_ms),
        "fresh": webhook.get("secret"),
        "told": webhook["next_step"],
        "sender": senders.chosen(webhook["sender"]),
    }
    if not _is_part(visitor):
        return await visitor.render("webhook_made.html", **facts)
    response = visitor.part("webhook_made_swap.html", **facts)
    # Who reloads then sees the webhook: its secret is not there, and nothing is made twice.
    response.headers["hx-trigger"] = json.dumps({"fleet:made": {"at": f"{PATH}/{webhook['name']}"}})
    return response


def _form(values: Json, parameters: Json, errors: dict[str, str]) -> dict[str, Any]:
    return {
        "groups": senders.groups(),
        "chosen": senders.chosen(values["sender"]),
        "values": values,
        "parameters": parameters,
        "errors": errors,
    }


def _values(visitor: Visitor) -> Json:
    texts = {name: visitor.text(name) for name in _FIELDS}
    flags = {name: name in visitor.form for name in ("require_signature", "https_only")}
    return {**texts, **flags}


def _parameters(visitor: Visitor) -> dict[str, str]:
    given = {name: visitor.text(name) for name in visitor.form if name.startswith(PARAMETER)}
    return {name.removeprefix(PARAMETER): value for name, value in given.items() if value}


def _wish(values: Json, parameters: dict[str, str]) -> tuple[Json, dict[str, str]]:
    """What the control API is asked for, and what cannot even be asked."""
    can_sign = senders.chosen(values["sender"])["can_sign"]
    wish: Json = {
        "name": values["name"],
        "sender": values["sender"],
        "description": values["description"],
        "require_signature": values["require_signature"] and can_sign,
        "https_only": values["https_only"],
        "allow_ips": values["allow_ips"].replace(",", " ").split(),
        "parameters": parameters,
    }
    limit = values["hourly_limit"]
    number = forms.number(limit)
    if limit and number is None:
        return wish, {"hourly_limit": "A whole number of events in an hour."}
    if limit:
        wish["hourly_limit"] = number
    return wish, {}


def _is_part(visitor: Visitor) -> bool:
    return visitor.request.headers.get(HTMX) == "true"
