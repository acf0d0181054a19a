"""Idempotency keys: what is asked for twice under the same key is done once, and answered the same.

As in draft-ietf-httpapi-idempotency-key-header-07, section 2, but that any printable text is a key.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256, Hash
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from domain.errors import InvalidInputError
from relay.server.api import body
from relay.server.api.resource import Method, Visit
from store import answers
from store.answers import Run
from store.sealing import answer_place

HEADER: Final = "idempotency-key"
_MAX_CHARS: Final = 255
_MARK_BYTES: Final = 16
_LOCATION: Final = "location"
_AGAIN: Final = {"idempotent-replayed": "true"}


def once(method: Method) -> Method:
    """The same method, done once for each `Idempotency-Key`."""

    async def answered(visit: Visit) -> Response:
        given = visit.request.headers.getlist(HEADER)
        return await _answered(visit, method, given) if given else await method(visit)

    return answered


def hashed_key(request: Request) -> str:
    """SHA-256 of the `Idempotency-Key` of a request, "" when it has none.

    Raises:
        InvalidInputError: it is none that can be meant.
    """
    given = request.headers.getlist(HEADER)
    return _digest(_checked(given)) if given else ""


async def _answered(visit: Visit, method: Method, given: list[str]) -> Response:
    key = _checked(given)
    content = await body.read_raw(visit.request)
    context, path = visit.context, visit.request.url.path.encode()
    run = Run(visit.gateway.id, _digest(key), _digest(path, content), context.entropy(_MARK_BYTES).hex())
    begun = await context.store.run(answers.begin(run, context.clock_ms()))
    if begun is not None:
        return _read(context.sealer.open(begun, answer_place(run.gateway, run.key)))
    sealed = b""
    try:
        response = await method(replace(visit, request=_again(visit.request, content)))
        if response.status_code < HTTPStatus.BAD_REQUEST:
            place = answer_place(run.gateway, run.key)
            sealed = context.sealer.seal(_written(response), place, context.clock_ms())
    finally:
        await context.store.run(answers.end(run, sealed, context.clock_ms()))
    return response


def _checked(given: list[str]) -> bytes:
    key = given[0]
    if len(given) != 1 or not 0 < len(key) <= _MAX_CHARS or not key.isascii() or not key.isprintable():
        raise InvalidInputError(
            "Idempotency-Key", f"An Idempotency-Key is one text of 1 to {_MAX_CHARS} printable characters."
        )
    return key.encode()


def _digest(*parts: bytes) -> str:
    digest = Hash(SHA256())
    digest.update(b"\n".join(parts))
    return digest.finalize().hex()


def _again(request: Request, content: bytes) -> Request:
    """The request with a body that was read."""

    async def receive() -> Message:
        return {"type": "http.request", "body": content, "more_body": False}

    return Request(request.scope, receive)


def _written(response: Response) -> bytes:
    document = {
        "status": response.status_code,
        "type": response.headers.get("content-type"),
        _LOCATION: response.headers.get(_LOCATION),
        "body": b64encode(bytes(response.body)).decode(),
    }
    return json.dumps(document).encode()


def _read(plain: bytes) -> Response:
    found = json.loads(plain)
    location = {_LOCATION: found[_LOCATION]} if found[_LOCATION] else {}
    headers = {"content-type": found["type"], **location, **_AGAIN}
    return Response(b64decode(found["body"]), found["status"], headers)
