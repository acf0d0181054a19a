"""Rotation over the control API: the secrets of a webhook, set, rotated, removed, shown once."""

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from starlette.responses import JSONResponse, Response

from domain.errors import InvalidInputError, SealBrokenError, UnknownThingError
from domain.ids import ENTROPY_BYTES, new_id
from domain.secret import Secrets, SigningSecret, checked_value, live, replaced, rotated, without
from domain.senders import Sender
from domain.vault import Vault
from relay.server.api import body, opened
from relay.server.api.at_home import require_gateway
from relay.server.api.fitting import fitted, made_here, require_key, require_use
from relay.server.api.inputs import NewSecret, Rotation
from relay.server.api.next_step import SHOWN_ONCE, about_held
from relay.server.api.problems import NothingToRevealError
from relay.server.api.resource import Visit
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
        require_gateway(stored.webhook)
        try:
            before = opened.vault_of(visit, stored)
        except SealBrokenError:
            # What nobody can open any more is lost already.
            before = Vault()
        require_key(fitted(stored.webhook.sender, before.parameters), fresh, exact=wish.exact)
        after = before.with_secrets(replaced(before.secrets, fresh, now_ms))
        return opened.to_vault(visit, stored, before, after)

    return JSONResponse(await opened.shown(visit, await opened.changed(visit, make)))


async def rotate(visit: Visit) -> Response:
    """POST /webhooks/{name or id}/secrets: a new one beside the old. Shown once when it was made here."""
    found = await opened.wanted(visit)
    wish = await body.read(visit.request, Rotation)
    require_gateway(found.webhook)
    now_ms = visit.context.clock_ms()
    if wish.hold and wish.secret is not None:
        raise InvalidInputError("hold", "A secret of your own is not held: you have it. Leave this out.")
    made = _made(visit, found) if wish.secret is None else None
    value = made.encode() if made is not None else checked_value(wish.secret or "", exact=wish.exact)
    fresh = fresh_secret(visit, value, now_ms)

    def turn(sender: Sender, secrets: Secrets) -> Secrets:
        require_key(sender, fresh, exact=made is not None or wish.exact)
        return rotated(secrets, fresh, now_ms, wish.grace_s * 1000)

    stored = await _turned(visit, turn, hold=wish.hold)
    view = await opened.shown(visit, stored)
    if made is not None and not wish.hold:
        view["secret"] = made
    view["next_step"] = _next_step(visit, stored, now_ms, made=made is not None, is_held=wish.hold)
    return JSONResponse(view, HTTPStatus.CREATED)


def _made(visit: Visit, stored: StoredWebhook) -> str:
    sender = fitted(stored.webhook.sender, opened.vault_of(visit, stored).parameters)
    require_use(sender)
    made = made_here(visit, sender)
    if made is None:
        raise InvalidInputError(
            "secret",
            f"The secret of {sender.title} comes from there, so it has to be given. {sender.secret.where}",
        )
    return made


def _next_step(visit: Visit, stored: StoredWebhook, now_ms: int, *, made: bool, is_held: bool) -> str:
    """What the owner has to do before the old secret ends, in sentences."""
    vault = opened.vault_of(visit, stored)
    sender = fitted(stored.webhook.sender, vault.parameters)
    _, *old = live(vault.secrets, now_ms)
    until = _until(old) if old else "No other one counts any more."
    whereabouts = about_held(stored.webhook.name) if is_held else SHOWN_ONCE
    return f"{whereabouts} {sender.secret.where} {until}" if made else until


def _until(old: list[SigningSecret]) -> str:
    # None of them counts longer than the newest.
    end = datetime.fromtimestamp((old[0].expires_at or 0) / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    if len(old) == 1:
        return f"Until {end} the one before counts, too."
    return f"Until {end} at the latest the ones before count, too."


async def remove(visit: Visit) -> Response:
    """DELETE /webhooks/{name or id}/secrets/{id}: it verifies nothing more, what waits included."""
    secret: str = visit.request.path_params["secret"][:_ECHOED_CHARS]
    now_ms = visit.context.clock_ms()
    try:
        stored = await _turned(visit, lambda _, secrets: without(secrets, secret, now_ms))
    except UnknownThingError as error:
        if error.kind != "secret":
            raise
        name = visit.wanted
        within = f"at webhook {name!r}; 'fleet webhooks show {name}' lists those that there are"
        raise UnknownThingError("secret", secret, within) from None
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
            raise NothingToRevealError(_if_lost(stored, fitted(stored.webhook.sender, before.parameters)))
        return opened.to_vault(visit, stored, before, before.revealed())

    stored = await opened.changed(visit, make)
    view = await opened.shown(visit, stored)
    return JSONResponse({**view, "secret": seen[0].value.decode(errors="backslashreplace")})


def _if_lost(stored: StoredWebhook, sender: Sender) -> str:
    """What to do about a secret that nobody knows any more."""
    name = stored.webhook.name
    if stored.webhook.is_left_home:
        return "The signatures of this webhook are left to the private side, whose vault has the secret."
    if not sender.schemes:
        return f"{sender.title} signs nothing, so there is none."
    if any(each.captures for each in sender.handshakes):
        again = "then let the sender shake hands again"
        return f"If it is lost: 'fleet webhooks remove-secret {name} --all', {again}."
    if sender.is_keyless:
        return sender.secret.where
    if sender.secret.issued:
        store = f"'fleet webhooks rotate-secret {name}' stores a new one"
        return f"{sender.secret.where} If it is lost there, too: {store}."
    return f"If it is lost: 'fleet webhooks rotate-secret {name}' makes a new one."


async def _turned(
    visit: Visit, turn: Callable[[Sender, Secrets], Secrets], *, hold: bool = False
) -> StoredWebhook:
    """The webhook after its secrets were turned into others, as its sender allows; the new one may wait."""

    def make(stored: StoredWebhook) -> Change:
        before = opened.vault_of(visit, stored)
        sender = fitted(stored.webhook.sender, before.parameters)
        after = before.with_secrets(turn(sender, before.secrets))
        if after.secrets:
            require_gateway(stored.webhook)
        return opened.to_vault(visit, stored, before, after.holding() if hold else after)

    return await opened.changed(visit, make)
