"""Pulling over the control API: a secret that was made to be held, given to its owner's vault once."""

from starlette.responses import JSONResponse, Response

from domain.secret import SigningSecret
from domain.vault import NothingHeldError
from relay.server.api import opened
from relay.server.api.once import hashed_key
from relay.server.api.resource import Visit
from store.webhook_change import Change
from store.webhooks import StoredWebhook


async def pull(visit: Visit) -> Response:
    """POST /webhooks/{name or id}/pull: the secret that is held, this once.

    Whoever asks again under the same `Idempotency-Key` gets it again for a day: an answer that was lost, in
    whatever process and at whatever moment, loses no secret. The key is noted in the step that gives the
    secret away, so there is no moment in between.
    """
    key, now_ms = hashed_key(visit.request), visit.context.clock_ms()
    given: list[SigningSecret] = []

    def make(stored: StoredWebhook) -> Change:
        before = opened.vault_of(visit, stored)
        after = before.pulled(key, now_ms)
        if after is None:
            raise NothingHeldError(stored.webhook.name)
        given[:] = before.secrets[:1]
        return opened.to_vault(visit, stored, before, after)

    stored = await opened.changed(visit, make)
    [secret] = given
    return JSONResponse({"webhook": stored.webhook.name, "secret": secret.value.decode(), "id": secret.id})
