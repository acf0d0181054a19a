"""The body of a request: read within bounds of size and time, then checked by a model."""

import asyncio
import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.requests import ClientDisconnect, Request

from relay.server.api.problems import InvalidBodyError, UnreadableBodyError

MAX_BYTES: Final = 64 * 1024
MAX_SECONDS: Final = 10.0
_MISTAKES_TOLD: Final = 10
_MAX_FIELD_CHARS: Final = 60

Model = TypeVar("Model", bound=BaseModel)

# Sentences of ours in place of pydantic's: none of them repeats the input, which may be a secret.
_RULES: Final = {
    "missing": "is missing",
    "extra_forbidden": "is not a field here; check its spelling",
    "string_type": "must be a text in quotes",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be an object",
    "literal_error": "must be {expected}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}


async def read(request: Request, model: type[Model], most: int = MAX_BYTES) -> Model:
    """The body as a value of a model.

    Args:
        request: what was sent.
        model: what it has to be.
        most: how many bytes it may have.

    Raises:
        UnreadableBodyError: it is larger, slower than MAX_SECONDS, or was cut off.
        InvalidBodyError: it is no JSON object, breaks the model's rules, or names something twice.
    """
    raw = await read_raw(request, most)
    try:
        found = model.model_validate_json(raw)
    except ValidationError as error:
        raise InvalidBodyError(list(_mistakes(error))[:_MISTAKES_TOLD]) from None
    # Pydantic takes the last of several, and who looks over a document may have seen the first. Numbers need
    # not be read a second time.
    json.loads(raw, object_pairs_hook=_refuse_twins, parse_int=str, parse_float=str, parse_constant=str)
    return found


async def read_raw(request: Request, most: int = MAX_BYTES) -> bytes:
    """The body as it was sent.

    Raises:
        UnreadableBodyError: it is larger, slower than MAX_SECONDS, or was cut off.
    """
    try:
        async with asyncio.timeout(MAX_SECONDS):
            return await _bounded(request, most)
    except TimeoutError:
        raise UnreadableBodyError(
            HTTPStatus.REQUEST_TIMEOUT,
            "body_too_slow",
            f"The body did not arrive within {MAX_SECONDS:g} seconds.",
        ) from None


def _refuse_twins(pairs: list[tuple[str, object]]) -> None:
    if len(pairs) > 1 and len(dict(pairs)) < len(pairs):
        sentence = "A name stands in the same object for the second time; only one of them can count."
        raise InvalidBodyError([("", sentence)])


async def _bounded(request: Request, most: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:20]) > most:
        raise _too_large(most)
    raw = b""
    try:
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > most:
                raise _too_large(most)
    except ClientDisconnect:
        raise cut_off() from None
    return raw


def cut_off() -> UnreadableBodyError:
    """What is told of a body of which the rest does not come, or is not waited for."""
    return UnreadableBodyError(HTTPStatus.BAD_REQUEST, "body_cut_off", "The body was cut off.")


def _too_large(most: int) -> UnreadableBodyError:
    return UnreadableBodyError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body_too_large",
        f"A body here has at most {most} bytes.",
    )


def _mistakes(error: ValidationError) -> Iterator[tuple[str, str]]:
    for mistake in error.errors(include_url=False, include_input=False):
        field = ".".join(str(part) for part in mistake["loc"])[:_MAX_FIELD_CHARS]
        yield field, _sentence(field, mistake)


def _sentence(field: str, mistake: ErrorDetails) -> str:
    if not field:
        return "The body must be one JSON object in UTF-8."
    rule = _RULES.get(mistake["type"])
    # A rule of ours comes as a whole sentence (see `relay.server.api.inputs`).
    return f"{field!r} {rule.format(**mistake.get('ctx', {}))}." if rule else mistake["msg"]
