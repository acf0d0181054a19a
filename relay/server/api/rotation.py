"""Rotation over the control API: the secrets of a webhook, set, rotated, removed, shown once."""

from collections.abc import Callable
from http import HTTPStatus

from starlette.responses import JSONResponse, Response

from domain.errors import InvalidInputError, SealBrokenError
from domain.ids import ENTROPY_BYTES, new_id
from domain.secret import Secrets, SigningSecret, checked_value, replaced, rotated, without
from domain.senders import SENDERS, Sender, new_secret
from domain.senders.secret_form import MIN_ENTROPY_BYTES
from domain.vault import Vault
from relay.server.api import body, opened
from relay.server.api.inputs import NewSecret, Rotation
from relay.server.api.problems import NothingToRevealError
from relay.server.api.resource import Visit
from store.webhooks import Change, StoredWebhook


def fresh_secret(visit: Visit, value: bytes, now_ms: int) -> SigningSecret:
    """A secret with an id of its own."""
    return SigningSecret(new_id("sec", now_ms, visit.context.entropy(ENTROPY_BYTES)), value, now_ms)


def made_value(visit: Visit, sender: Sender) -> str:
    """A strong secret in the sender's form.

    Raises:
        InvalidInputError: the sender makes it itself.
    """
    if sender.secret.issued:
        raise InvalidInputError(
            "secret",
            f"{sender.title} makes the secret itself, so it has to be given. {sender.secret.where}",
        )
    return new_secret(sender.secret, visit.context.entropy(MIN_ENTROPY_BYTES))


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
        after = before.with_secrets(replaced(before.secrets, fresh, now_ms))
        return opened.to_vault(visit, stored, before, after)

    return JSONResponse(await opened.shown(visit, await opened.changed(visit, make)))


async def rotate(visit: Visit) -> Response:
    """POST /webhooks/{name or id}/secrets: a new one beside the old. Shown once when it was made here."""
    found = await opened.wanted(visit)
    wish = await body.read(visit.request, Rotation)
    now_ms = visit.context.clock_ms()
    made = made_value(visit, SENDERS[found.webhook.sender]) if wish.secret is None else None
    value = made.encode() if made is not None else checked_value(wish.secret or "", exact=wish.exact)
    fresh = fresh_secret(visit, value, now_ms)
    stored = await _with_secrets(visit, lambda secrets: rotated(secrets, fresh, now_ms, wish.grace_s * 1000))
    view = await opened.shown(visit, stored)
    if made is not None:
        view["secret"] = made
    return JSONResponse(view, HTTPStatus.CREATED)


async def remove(visit: Visit) -> Response:
    """DELETE /webhooks/{name or id}/secrets/{id}: it verifies nothing more, what waits included."""
    secret: str = visit.request.path_params["secret"]
    now_ms = visit.context.clock_ms()
    stored = await _with_secrets(visit, lambda secrets: without(secrets, secret, now_ms))
    return JSONResponse(await opened.shown(visit, stored))


async def remove_all(visit: Visit) -> Response:
    """DELETE /webhooks/{name or id}/secrets: the webhook has none from now on."""
    return JSONResponse(await opened.shown(visit, await _with_secrets(visit, lambda _: ())))


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


async def _with_secrets(visit: Visit, turn: Callable[[Secrets], Secrets]) -> StoredWebhook:
    """The webhook after its secrets were turned into others."""

    def make(stored: StoredWebhook) -> Change:
        before = opened.vault_of(visit, stored)
        return opened.to_vault(visit, stored, before, before.with_secrets(turn(before.secrets)))

    return await opened.changed(visit, make)
