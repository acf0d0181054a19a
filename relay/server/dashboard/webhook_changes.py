"""Changes of a webhook: paused and resumed, told apart, given another secret, deleted."""

from http import HTTPStatus

from starlette.responses import Response

from relay.server.dashboard import forms, senders
from relay.server.dashboard.page import Visitor
from relay.server.dashboard.webhook_words import mistakes, shown
from relay.server.dashboard.webhooks import PATH, facts, of_secrets
from relay.server.inner_api import Json


async def change(visitor: Visitor) -> Response:
    """POST /dashboard/webhooks/{wanted}: description, limit and who may send."""
    limit = visitor.text("hourly_limit")
    wish: Json = {
        "description": visitor.text("description"),
        "https_only": "https_only" in visitor.form,
        "allow_ips": visitor.text("allow_ips").replace(",", " ").split(),
    }
    if "can_sign" in visitor.form:
        wish["require_signature"] = "require_signature" in visitor.form
    errors: dict[str, str] = {}
    if (number := forms.number(limit)) is not None:
        wish["hourly_limit"] = number
    else:
        errors["hourly_limit"] = "A whole number of events in an hour."
    if not errors:
        answer = await visitor.api.ask("PATCH", f"/webhooks/{visitor.wanted}", json=wish)
        if not answer.is_refusal:
            return visitor.redirect(_path(answer.content), "The webhook is changed; it counts from now on.")
        errors = mistakes(answer.content)
    found = await facts(visitor)
    found["webhook"] |= {**wish, "hourly_limit": limit}
    return await visitor.render("webhook_edit.html", HTTPStatus.UNPROCESSABLE_ENTITY, **found, errors=errors)


async def edit(visitor: Visitor) -> Response:
    """GET /dashboard/webhooks/{wanted}/edit."""
    return await visitor.render("webhook_edit.html", **await facts(visitor), errors={})


async def pause(visitor: Visitor) -> Response:
    """POST /dashboard/webhooks/{wanted}/pause."""
    webhook = await visitor.api.done("PATCH", f"/webhooks/{visitor.wanted}", json={"paused": True})
    sentence = f"{webhook['name']} is paused: its door answers 503, and senders are asked to come back."
    return visitor.redirect(_path(webhook), sentence)


async def resume(visitor: Visitor) -> Response:
    """POST /dashboard/webhooks/{wanted}/resume."""
    webhook = await visitor.api.done("PATCH", f"/webhooks/{visitor.wanted}", json={"paused": False})
    return visitor.redirect(_path(webhook), f"{webhook['name']} takes events again.")


async def rotate(visitor: Visitor) -> Response:
    """POST /dashboard/webhooks/{wanted}/secrets: a secret that is made here, or one that the sender made.

    Only this answer has the secret that was made; it has no address to return to.
    """
    grace = forms.number(visitor.text("grace_s"))
    wish: Json = {"grace_s": 86400 if grace is None else grace}
    # Byte for byte as it was pasted: the control API says so when it looks wrong.
    if given := str(visitor.form.get("secret", "")):
        wish["secret"] = given
    answer = await visitor.api.ask("POST", f"/webhooks/{visitor.wanted}/secrets", json=wish)
    return await _secrets(visitor, answer.content, answer.status)


async def reveal(visitor: Visitor) -> Response:
    """POST /dashboard/webhooks/{wanted}/reveal: what came in the sender's handshake, this once."""
    answer = await visitor.api.ask("POST", f"/webhooks/{visitor.wanted}/reveal")
    return await _secrets(visitor, answer.content, answer.status)


async def forget(visitor: Visitor) -> Response:
    """POST /dashboard/webhooks/{wanted}/secrets/{secret}/delete."""
    secret: str = visitor.request.path_params["secret"]
    webhook = await visitor.api.done("DELETE", f"/webhooks/{visitor.wanted}/secrets/{secret}")
    return visitor.redirect(
        f"{_path(webhook)}#secrets", "The secret is removed; it verifies nothing any more."
    )


async def delete(visitor: Visitor) -> Response:
    """POST /dashboard/webhooks/{wanted}/delete: its URL is dead at once."""
    await visitor.api.done("DELETE", f"/webhooks/{visitor.wanted}")
    return visitor.redirect(PATH, f"{visitor.wanted} is deleted: its URL answers 404 from now on.")


async def _secrets(visitor: Visitor, content: Json, status: int) -> Response:
    """The part of the page that speaks of secrets, once with the new one or with what was refused."""
    is_refusal = status >= HTTPStatus.BAD_REQUEST
    webhook = await visitor.api.get(f"/webhooks/{visitor.wanted}") if is_refusal else content
    found = shown(webhook, visitor.now_ms)
    return visitor.part(
        "webhook_secrets.html",
        HTTPStatus.OK,
        webhook=found,
        sender=senders.chosen(webhook["sender"]),
        **of_secrets(
            content.get("secret"),
            content.get("next_step", ""),
            content.get("detail", "") if is_refusal else "",
        ),
    )


def _path(webhook: Json) -> str:
    return f"{PATH}/{webhook['name']}"
