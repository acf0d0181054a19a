"""The whole document, in the form of OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1.html)."""

import json
from functools import cache
from typing import Final

from domain.version import VERSION
from relay.server.api.openapi import (
    deliveries,
    events,
    examinations,
    gateway,
    networks,
    proofs,
    published,
    queues,
    refusals,
    repo_secrets,
    repos,
    samples,
    secrets,
    sign_in_links,
    status,
    subscriptions,
    testing,
    webhooks,
)
from relay.server.api.openapi.operation import Part
from relay.server.api.openapi.schemas import Schema

PATH: Final = "/openapi.json"
"""Where it is served, below the prefix."""

_PARTS: Final[tuple[Part, ...]] = (
    gateway.PART,
    webhooks.PART,
    secrets.PART,
    samples.PART,
    testing.PART,
    examinations.PART,
    networks.PART,
    subscriptions.PART,
    events.PART,
    deliveries.PART,
    repos.PART,
    repo_secrets.PART,
    status.PART,
    queues.PART,
    sign_in_links.PART,
    proofs.PART,
    published.PART,
)

_ABOUT: Final = (
    "What the owner of a gateway asks and changes. Every request but that of this document needs the access"
    " token of a gateway, and sees what that gateway owns; what another one owns is answered like what does"
    " not exist. `HEAD` is answered like `GET`. A path that is not here is refused with 404"
    " `no_such_resource`, a method with 405 `method_not_allowed`. Objects in answers may get more fields."
)


def document() -> Schema:
    """The document as JSON would be read."""
    paths: dict[str, Schema] = {}
    schemas: dict[str, Schema] = {"Problem": refusals.problem()}
    responses: dict[str, Schema] = {}
    for part in _PARTS:
        for operation in part.operations:
            methods = paths.setdefault(operation.path, {})
            methods[operation.method.lower()] = operation.document(part.tag)
            responses |= {refusals.name_of(group): refusals.response(group) for group in operation.refused}
        schemas |= part.schemas
    return {
        "openapi": "3.1.1",
        "info": {"title": "Fleet Gateway: the control API", "version": VERSION, "description": _ABOUT},
        "servers": [{"url": "/api/v1", "description": "The relay that this document came from."}],
        "security": [{"access_token": []}],
        "tags": [{"name": part.tag, "description": part.meaning} for part in _PARTS],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "access_token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The access token of a gateway, `fleet_...`; made on the server.",
                }
            },
            "responses": responses,
            "schemas": schemas,
        },
    }


@cache
def rendered() -> str:
    """The document as text, the same each time."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
