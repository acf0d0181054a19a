"""Resources as owners send them: JSON in Rancher Fleet's schema, whole or without what the path says."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from pydantic import ConfigDict, RootModel
from starlette.responses import JSONResponse, Response

from domain.errors import InvalidInputError
from domain.git.manifest import REPO_API, SECRET_API, RepoManifest, read_manifest
from domain.git.secret_manifest import SecretManifest
from relay.server.api import body
from relay.server.api.resource import Visit
from relay.server.api.views import View

MAX_BYTES: Final = 512 * 1024
"""The largest resource: some hold the certificates of a company, or many host keys."""

_WHOLE: Final = frozenset({"apiVersion", "kind", "metadata", "spec"})
"""What only a whole resource has, and no spec."""

_ECHOED_CHARS: Final = 128


class _Document(RootModel[dict[str, object]]):
    model_config = ConfigDict(hide_input_in_errors=True)


def name_of(visit: Visit) -> str:
    """What the path names: "namespace/name"."""
    parts = visit.request.path_params
    return f"{parts['namespace']}/{parts['name']}"


def told_name(visit: Visit) -> str:
    """The same for a refusal."""
    return name_of(visit)[:_ECHOED_CHARS]


async def repo(visit: Visit) -> RepoManifest:
    """The repo in the body: a GitRepo, or its spec.

    Raises:
        UnreadableBodyError: the body was not read.
        InvalidInputError: it is no such resource, or not the one that the path names.
    """
    document = (await body.read(visit.request, _Document, MAX_BYTES)).root
    whole = document if _WHOLE & document.keys() else {"spec": document}
    found = _read(visit, REPO_API, "GitRepo", whole)
    if not isinstance(found, RepoManifest):
        raise InvalidInputError("kind", "Here goes a GitRepo; a Secret goes to /secrets/NAMESPACE/NAME.")
    return found


async def secret(visit: Visit) -> SecretManifest:
    """The Secret in the body: whole, or its `type`, `data` and `stringData`.

    Raises:
        UnreadableBodyError: the body was not read.
        InvalidInputError: it is no such resource, or not the one that the path names.
    """
    document = (await body.read(visit.request, _Document, MAX_BYTES)).root
    found = _read(visit, SECRET_API, "Secret", document)
    if not isinstance(found, SecretManifest):
        raise InvalidInputError("kind", "Here goes a Secret; a GitRepo goes to /repos/NAMESPACE/NAME.")
    return found


def answer(visit: Visit, view: View, *, is_new: bool) -> Response:
    """The answer to a resource that was sent; a new one is named by its place."""
    if not is_new:
        return JSONResponse(view)
    return JSONResponse(view, HTTPStatus.CREATED, headers={"location": visit.request.url.path})


def _read(
    visit: Visit, version: str, kind: str, document: Mapping[str, object]
) -> RepoManifest | SecretManifest:
    parts, wanted = visit.request.path_params, name_of(visit)
    said = {"apiVersion": version, "kind": kind, "metadata": {"name": parts["name"]}}
    found = read_manifest({**said, **document}, parts["namespace"])
    if found.name != wanted:
        raise InvalidInputError(
            "metadata.name", f"The path names {wanted!r}, the resource {found.name!r}; they have to agree."
        )
    return found
