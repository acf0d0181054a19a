"""Git repos in the control API: described, listed, shown, deleted, polled now."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final, Literal

import structlog
from starlette.responses import JSONResponse, Response

from domain.errors import SealBrokenError, UnknownThingError
from domain.git.manifest import RepoManifest
from domain.git.repo import RepoSpec, client_secret_of, webhook_secret_of
from domain.ids import ENTROPY_BYTES, new_id
from relay.server.api import manifests, rehearsal, repo_receiver, repo_secrets
from relay.server.api.paging import page_of
from relay.server.api.repo_views import of_repo
from relay.server.api.resource import Visit
from relay.server.api.views import View
from store import repos
from store.repo_secrets import SecretData
from store.repos import RepoChangedError, StoredRepo, Wish

Change = Literal["created", "changed", "unchanged"]

# Each time that we come too late, somebody else has got something done.
_TRIES: Final = 100
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def listing(visit: Visit) -> Response:
    """GET /repos: a page of them, in the order of their names."""
    run, gateway = visit.context.store.run, visit.gateway.id
    page = page_of(visit, await run(repos.names(gateway)))
    found = await run(repos.fetch(gateway, page.names)) if page.names else []
    views = await _shown(visit, found)
    return JSONResponse({"repos": views, "next": page.next, "receiver": await repo_receiver.found(visit)})


async def show(visit: Visit) -> Response:
    """GET /repos/{namespace}/{name}."""
    return JSONResponse(await _whole(visit, await _wanted(visit)))


async def put(visit: Visit) -> Response:
    """PUT /repos/{namespace}/{name}: what changes or fails is polled now. The first makes the receiver."""
    manifest = await manifests.repo(visit)
    told = {"ignored": list(manifest.ignored)}
    if rehearsal.is_rehearsal(visit):
        there = await visit.context.store.run(repos.find(visit.gateway.id, manifest.name))
        change = _change(visit, there, manifest.spec)
        if change == "created":
            await rehearsal.check_room_for_repo(visit)
        would: View = {"name": manifest.name, "receiver": await repo_receiver.found(visit)}
        return JSONResponse({**would, "change": change, **told})
    await repo_receiver.ensure(visit)
    change, stored = await _kept(visit, manifest)
    view = {**await _whole(visit, stored), "change": change, **told}
    return manifests.answer(visit, view, is_new=change == "created")


async def delete(visit: Visit) -> Response:
    """DELETE /repos/{namespace}/{name}: nobody looks at it any more."""
    if not await visit.context.store.run(repos.delete(visit.gateway.id, manifests.name_of(visit))):
        raise _unknown(visit)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def sync(visit: Visit) -> Response:
    """POST /repos/{namespace}/{name}/sync: a poll begins now, or when the one under way has ended."""
    call = repos.sync(visit.gateway.id, manifests.name_of(visit), _job(visit), visit.context.clock_ms())
    if not await visit.context.store.run(call):
        raise _unknown(visit)
    return JSONResponse(await _whole(visit, await _wanted(visit)), HTTPStatus.ACCEPTED)


async def _kept(visit: Visit, manifest: RepoManifest) -> tuple[Change, StoredRepo]:
    """What became of a repo as its owner wants it.

    Raises:
        RepoChangedError: others change it all the time.
        LimitReachedError: the gateway has too many repos.
    """
    context, place = visit.context, (visit.gateway.id, manifest.name)
    for _ in range(_TRIES):
        before = await context.store.run(repos.find(*place))
        change = _change(visit, before, manifest.spec)
        try:
            if change != "unchanged":
                call = repos.put(
                    _wish(visit, before, manifest),
                    _job(visit),
                    _job(visit),
                    context.clock_ms(),
                    context.limits.repos,
                )
                await context.store.run(call)
            elif before is not None and before.status.error:
                # What it fails at, such as a Secret, may have been mended just before.
                await context.store.run(repos.sync(*place, _job(visit), context.clock_ms()))
        except RepoChangedError:
            continue
        if after := await context.store.run(repos.find(*place)):
            return change, after
    raise RepoChangedError(manifest.name)


def _change(visit: Visit, before: StoredRepo | None, spec: RepoSpec) -> Change:
    if before is None:
        return "created"
    return "unchanged" if _spec_of(visit, before) == spec else "changed"


def _wish(visit: Visit, before: StoredRepo | None, manifest: RepoManifest) -> Wish:
    context, gateway, now_ms = visit.context, visit.gateway.id, visit.context.clock_ms()
    repo = before.id if before else new_id("rep", now_ms, context.entropy(ENTROPY_BYTES))
    seen = before.version if before else 0
    sealed = repos.seal_spec(context.sealer, gateway, repo, manifest.spec, now_ms)
    return Wish(gateway, manifest.name, repo, seen, manifest.spec, sealed)


def _spec_of(visit: Visit, stored: StoredRepo) -> RepoSpec | None:
    """What the owner wrote, None when its sealing key is gone."""
    try:
        return repos.open_spec(visit.context.sealer, stored)
    except SealBrokenError as error:
        # The others are still to be seen, and this one can still be deleted, or described again.
        _log.error("repo_unreadable", repo_id=stored.id, error=str(error))
        return None


async def _wanted(visit: Visit) -> StoredRepo:
    stored = await visit.context.store.run(repos.find(visit.gateway.id, manifests.name_of(visit)))
    if stored is None:
        raise _unknown(visit)
    return stored


def _unknown(visit: Visit) -> UnknownThingError:
    return UnknownThingError("repo", manifests.told_name(visit))


async def _whole(visit: Visit, stored: StoredRepo) -> View:
    """What is shown of one repo: with the URL at which its host announces pushes."""
    [view] = await _shown(visit, [stored])
    return {**view, "receiver": await repo_receiver.found(visit)}


async def _shown(visit: Visit, found: Sequence[StoredRepo]) -> list[View]:
    specs = [_spec_of(visit, stored) for stored in found]
    names = {
        secret_of(stored.name, spec)
        for stored, spec in zip(found, specs, strict=True)
        if spec is not None
        for secret_of in (webhook_secret_of, client_secret_of)
    }
    secrets = await repo_secrets.found(visit, sorted(names))
    keys = {name: None if secret is None else _with_value(secret) for name, secret in secrets.items()}
    due = await visit.context.store.run(repos.due_at(found))
    now_ms = visit.context.clock_ms()
    return [
        # What is asked for is due when it would have to be asked for again.
        of_repo(stored, spec, now_ms if stored.status.is_asked else next_at, keys)
        for stored, spec, next_at in zip(found, specs, due, strict=True)
    ]


def _with_value(secret: SecretData) -> set[str]:
    # What is empty vouches for nothing.
    return {key for key, value in secret.data.items() if value}


def _job(visit: Visit) -> str:
    return new_id("job", visit.context.clock_ms(), visit.context.entropy(ENTROPY_BYTES))
