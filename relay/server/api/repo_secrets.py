"""Secrets of repos in the control API: kept, listed, deleted. No answer ever holds a value of one."""

from collections.abc import Sequence
from http import HTTPStatus

import structlog
from starlette.responses import JSONResponse, Response

from domain.errors import SealBrokenError, UnknownThingError
from domain.ids import ENTROPY_BYTES, new_id
from relay.server.api import manifests, rehearsal
from relay.server.api.paging import page_of
from relay.server.api.repo_views import of_secret
from relay.server.api.resource import Visit
from store import repo_secrets
from store.repo_secrets import SecretData

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def listing(visit: Visit) -> Response:
    """GET /secrets: a page of them, in the order of their names."""
    names = await visit.context.store.run(repo_secrets.names(visit.gateway.id))
    page = page_of(visit, names)
    there = await found(visit, page.names)
    return JSONResponse({"secrets": [of_secret(*each) for each in there.items()], "next": page.next})


async def show(visit: Visit) -> Response:
    """GET /secrets/{namespace}/{name}."""
    name = manifests.name_of(visit)
    there = await found(visit, [name])
    if name not in there:
        raise _unknown(visit)
    return JSONResponse(of_secret(name, there[name]))


async def put(visit: Visit) -> Response:
    """PUT /secrets/{namespace}/{name}: it counts from now on, in place of what was there."""
    manifest = await manifests.secret(visit)
    context, gateway, name = visit.context, visit.gateway.id, manifest.name
    wish = SecretData(manifest.type, manifest.data)
    there = await found(visit, [name])
    change = "created" if name not in there else "unchanged" if there[name] == wish else "changed"
    is_rehearsal = rehearsal.is_rehearsal(visit)
    if is_rehearsal and change == "created":
        await rehearsal.check_room_for_secret(visit)
    if change != "unchanged" and not is_rehearsal:
        now_ms = context.clock_ms()
        sealed = repo_secrets.seal(context.sealer, gateway, name, wish, now_ms)
        job = new_id("job", now_ms, context.entropy(ENTROPY_BYTES))
        await context.store.run(repo_secrets.put(gateway, name, sealed, job, now_ms))
    view = {**of_secret(name, wish), "change": change, "ignored": list(manifest.ignored)}
    return manifests.answer(visit, view, is_new=change == "created" and not is_rehearsal)


async def delete(visit: Visit) -> Response:
    """DELETE /secrets/{namespace}/{name}: what it vouched for or opened is refused from now on."""
    if not await visit.context.store.run(repo_secrets.delete(visit.gateway.id, manifests.name_of(visit))):
        raise _unknown(visit)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def found(visit: Visit, names: Sequence[str]) -> dict[str, SecretData | None]:
    """The Secrets of these names that are there; None for one whose sealing key is gone."""
    if not names:
        return {}
    sealed = await visit.context.store.run(repo_secrets.fetch(visit.gateway.id, names))
    return {
        name: _opened(visit, name, value)
        for name, value in zip(names, sealed, strict=True)
        if value is not None
    }


def _opened(visit: Visit, name: str, sealed: bytes) -> SecretData | None:
    try:
        return repo_secrets.unseal(visit.context.sealer, visit.gateway.id, name, sealed)
    except SealBrokenError as error:
        _log.error("secret_unreadable", name=name, error=str(error))
        return None


def _unknown(visit: Visit) -> UnknownThingError:
    return UnknownThingError("Secret", manifests.told_name(visit))
