"""An operation: one method of one path of the control API, and how the document tells it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from relay.server.api.openapi import refusals
from relay.server.api.openapi.refusals import Group
from relay.server.api.openapi.schemas import Schema, ref, text

_IN_PATH: Final = re.compile(r"\{(\w+)\}")
_PLACES: Final[Mapping[str, Schema]] = {
    "wanted": text("Its name or id; of an event or delivery, its id."),
    "secret": text("The id of the secret."),
    "namespace": text("The first part of its name."),
    "name": text("The second part of its name."),
}
"""What stands in braces in a path."""


_KEY: Final[Schema] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "For 24 hours the same request with the same key does nothing more and is answered the same."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter behind the question mark."""

    name: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class Operation:
    """What can be asked, and what is answered.

    Attributes:
        method: of HTTP, in capitals.
        path: below the prefix, with the names of its parts in braces.
        name: what programs call it.
        summary: what it does, as a sentence.
        answers: what it answers when it does it, by status: a name among the components, "" for no content.
        body: what it takes: a name among the components, or "" for nothing.
        query: its parameters.
        refusals: codes that not every operation has.
        has_location: whether the answer 201 says where the new thing stands.
        is_open: whether it needs no token.
        is_once: whether it takes an idempotency key.
        has_key: whether it takes one, and needs no answer to be remembered for it.
    """

    method: str
    path: str
    name: str
    summary: str
    answers: Mapping[int, str]
    body: str = ""
    query: tuple[Query, ...] = ()
    refusals: tuple[str, ...] = ()
    has_location: bool = False
    is_open: bool = False
    is_once: bool = False
    has_key: bool = False

    def document(self, tag: str) -> Schema:
        """The operation in the form of OpenAPI, under the heading `tag`."""
        found: Schema = {"operationId": self.name, "tags": [tag], "summary": self.summary}
        keys = [_KEY] if self.is_once or self.has_key else []
        if parameters := [*map(_in_path, self._places), *map(_in_query, self.query), *keys]:
            found["parameters"] = parameters
        if self.body:
            found["requestBody"] = {"required": True, "content": _json(self.body)}
        if self.is_open:
            found["security"] = []
        done = {str(status): self._answer(status, name) for status, name in self.answers.items()}
        refused = {str(group.status): refusals.ref_of(group) for group in self.refused}
        return {**found, "responses": {**done, **refused}}

    @property
    def refused(self) -> list[Group]:
        """With what it may be refused, the lowest status first."""
        if self.is_open:
            return []
        asks = ("invalid_input",) if self.query else ()
        return refusals.grouped(
            [
                *refusals.EVERYWHERE,
                *(("not_found",) if self._places else ()),
                *(refusals.WITH_BODY if self.body else asks),
                *(refusals.ONCE if self.is_once else ()),
                *self.refusals,
            ]
        )

    @property
    def _places(self) -> list[str]:
        return _IN_PATH.findall(self.path)

    def _answer(self, status: int, name: str) -> Schema:
        answer: Schema = {"description": HTTPStatus(status).phrase}
        if name:
            answer["content"] = _json(name)
        if status == HTTPStatus.CREATED and self.has_location:
            place = {"description": "The path of the new thing.", "schema": {"type": "string"}}
            answer["headers"] = {"Location": place}
        return answer

    def _codes(self, names_something: bool) -> tuple[str, ...]:  # noqa: FBT001 - private, one caller
        if self.is_open:
            return ()
        asks = ("invalid_input",) if self.query else ()
        return (
            *refusals.EVERYWHERE,
            *(("not_found",) if names_something else ()),
            *(refusals.WITH_BODY if self.body else asks),
            *self.refusals,
        )


@dataclass(frozen=True, slots=True)
class Part:
    """What one module describes: the operations under a heading, and the schemas that they name."""

    tag: str
    meaning: str
    operations: tuple[Operation, ...]
    schemas: Mapping[str, Schema]


def _in_path(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": _PLACES[name]}


def _in_query(query: Query) -> Schema:
    return {"name": query.name, "in": "query", "schema": query.schema}


def _json(name: str) -> Schema:
    return {"application/json": {"schema": ref(name)}}
