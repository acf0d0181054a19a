"""Rotation over the control API: the secrets of a webhook, set, rotated, removed, shown once."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from starlette.responses import JSONResponse, Response

from domain.errors import InvalidInputError, SealBrokenError
from domain.ids import ENTROPY_BYTES, new_id
from domain.secret import Secrets, SigningSecret, checked_value, live, replaced, rotated, without
from domain.senders import SENDERS, Sender
from domain.vault import Vault
from relay.server.api import body, opened
from relay.server.api.fitting import fitted, made_here, require_key
from relay.server.api.inputs import NewSecret, Rotation
from relay.server.api.problems import NothingToRevealError
from relay.server.api.resource import Visit
from relay.server.api.views import moment
from store.webhook_change import Change
from store.webhooks import StoredWebhook

_ECHOED_CHARS: Final = 64


def fresh_secret(visit: Visit, value: bytes, now_ms: int) -> SigningSecret:
    """A secret with an id of its own."""
    return SigningSecret(new_id("sec", now_ms, visit.context.entropy(ENTROPY_BYTES)), value, now_ms)


async def set_secret(visit: Visit) -> Response:
    """PUT /webhooks/{name or id}/secret: in place of all that were set. The answer does not repeat it."""
    # The webhook comes first: for a foreign one nothing is said about the body.
    await opened.wanted(visit)
    wish = await body.read(visit.request, NewSecret)
    now_ms = visit.context.clock_ms()
    fresh = fresh_secret(visit, checked_value(wish.secret, exact=wish.exact), now_ms)

    def make(stored: StoredWebhook) -> Change:
        try:
            before = opened.vault_of(visit, stored)
        except SealBrokenError:
            # What nobody can open any more is lost already.
            before = Vault()
        require_key(fitted(stored.webhook.sender, before.parameters), fresh)
        after = before.with_secrets(replaced(before.secrets, fresh, now_ms))
        return opened.to_vault(visit, stored, before, after)

    return JSONResponse(await opened.shown(visit, await opened.changed(visit, make)))


async def rotate(visit: Visit) -> Response:
    """POST /webhooks/{name or id}/secrets: a new one beside the old. Shown once when it was made here."""
    found = await opened.wanted(visit)
    wish = await body.read(visit.request, Rotation)
    now_ms = visit.context.clock_ms()
    made = _made(visit, found) if wish.secret is None else None
    value = made.encode() if made is not None else checked_value(wish.secret or "", exact=wish.exact)
    fresh = fresh_secret(visit, value, now_ms)

    def turn(sender: Sender, secrets: Secrets) -> Secrets:
        require_key(sender, fresh)
        return rotated(secrets, fresh, now_ms, wish.grace_s * 1000)

    stored = await _turned(visit, turn)
    view = await opened.shown(visit, stored)
    if made is not None:
        view["secret"] = made
    view["next_step"] = _next_step(
        SENDERS[stored.webhook.sender], opened.vault_of(visit, stored), now_ms, made
    )
    return JSONResponse(view, HTTPStatus.CREATED)


def _made(visit: Visit, stored: StoredWebhook) -> str:
    sender = fitted(stored.webhook.sender, opened.vault_of(visit, stored).parameters)
    made = made_here(visit, sender)
    if made is None:
        raise InvalidInputError(
            "secret",
            f"The secret of {sender.title} comes from there, so it has to be given. {sender.secret.where}",
        )
    return made


def _next_step(sender: Sender, vault: Vault, now_ms: int, made: str | None) -> str:
    """What the owner has to do before the old secret ends, in sentences."""
    _, *old = live(vault.secrets, now_ms)
    until = (
        f"Until {moment(old[0].expires_at or 0)} the one before counts, too."
        if old
        else ("No other one counts any more.")
    )
    return until if made is None else f"The secret is shown this once. {sender.secret.where} {until}"


async def remove(visit: Visit) -> Response:
    """DELETE /webhooks/{name or id}/secrets/{id}: it verifies nothing more, what waits included."""
    secret: str = visit.request.path_params["secret"][:_ECHOED_CHARS]
    now_ms = visit.context.clock_ms()
    stored = await _turned(visit, lambda _, secrets: without(secrets, secret, now_ms))
    return JSONResponse(await opened.shown(visit, stored))


async def remove_all(visit: Visit) -> Response:
    """DELETE /webhooks/{name or id}/secrets: the webhook has none from now on."""
    return JSONResponse(await opened.shown(visit, await _turned(visit, lambda _, __: ())))


async def reveal(visit: Visit) -> Response:
    """POST /webhooks/{name or id}/reveal: the secret that came in a handshake, this once."""
    seen: list[SigningSecret] = []

    def make(stored: StoredWebhook) -> Change:
        before = opened.vault_of(visit, stored)
        seen[:] = [each for each in before.secrets if each.id == before.revealable]
        if not seen:
            raise NothingToRevealError
        return opened.to_vault(visit, stored, before, before.revealed())

    stored = await opened.changed(visit, make)
    view = await opened.shown(visit, stored)
    return JSONResponse({**view, "secret": seen[0].value.decode(errors="backslashreplace")})


async def _turned(visit: Visit, turn: Callable[[Sender, Secrets], Secrets]) -> StoredWebhook:
    """The webhook after its secrets were turned into others, as its sender allows."""

    def make(stored: StoredWebhook) -> Change:
        before = opened.vault_of(visit, stored)
        sender = fitted(stored.webhook.sender, before.parameters)
        return opened.to_vault(visit, stored, before, before.with_secrets(turn(sender, before.secrets)))

    return await opened.changed(visit, make)
