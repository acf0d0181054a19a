"""Schemas: what values look like, in the words of JSON Schema 2020-12, which is that of OpenAPI 3.1."""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Final, cast

from pydantic import BaseModel

Schema = dict[str, object]

_REF: Final = "#/components/schemas/"
_MOMENT: Final = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"


def text(meaning: str, **rules: object) -> Schema:
    """A text; `rules` are words of JSON Schema."""
    return {"type": "string", **rules, "description": meaning}


def word(meaning: str, words: Iterable[str] | type[StrEnum]) -> Schema:
    """One of a few texts."""
    return {"type": "string", "enum": [str(each) for each in words], "description": meaning}


def whole(meaning: str, least: int = 0, **rules: object) -> Schema:
    """A whole number, not below `least`."""
    return {"type": "integer", "minimum": least, **rules, "description": meaning}


def number(meaning: str) -> Schema:
    """A number, not negative."""
    return {"type": "number", "minimum": 0, "description": meaning}


def flag(meaning: str) -> Schema:
    """True or false."""
    return {"type": "boolean", "description": meaning}


def moment(meaning: str) -> Schema:
    """A point in time: RFC 3339 in UTC, to the millisecond."""
    return {"type": "string", "format": "date-time", "pattern": _MOMENT, "description": meaning}


def id_of(kind: str, meaning: str) -> Schema:
    """An id, by the letters that it begins with; of a delivery it is in two parts."""
    return {"type": "string", "pattern": f"^{kind}(_[0-9a-z]{{23}}){{1,2}}$", "description": meaning}


def many(meaning: str, of: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": of, "description": meaning}


def record(meaning: str, fields: Mapping[str, Schema], optional: Collection[str] = ()) -> Schema:
    """An object with these fields, all of them there but for the optional ones."""
    required = [name for name in fields if name not in optional]
    found: Schema = {"type": "object", "properties": dict(fields)}
    return {**found, **({"required": required} if required else {}), "description": meaning}


def table(meaning: str, of: Schema) -> Schema:
    """An object with any names, whose values look alike."""
    return {"type": "object", "additionalProperties": of, "description": meaning}


def ref(name: str) -> Schema:
    """The schema of that name among the components."""
    return {"$ref": f"{_REF}{name}"}


def maybe(schema: Schema) -> Schema:
    """Such a value or null."""
    if "$ref" in schema or "enum" in schema:
        inside = {name: value for name, value in schema.items() if name != "description"}
        about = {"description": schema["description"]} if "description" in schema else {}
        return {"anyOf": [inside, {"type": "null"}], **about}
    return {**schema, "type": [schema["type"], "null"]}


def input_of(model: type[BaseModel], meanings: Mapping[str, str]) -> Schema:
    """What a model of `relay.server.api.inputs` takes.

    Args:
        model: the model.
        meanings: a sentence for each of its fields.

    Raises:
        ValueError: a field has no meaning, or a meaning no field.
    """
    if list(model.model_fields) != list(meanings):
        raise ValueError(f"{model.__name__} has the fields {', '.join(model.model_fields)}.")
    found = _without_titles(model.model_json_schema(ref_template=_REF + "{model}"))
    fields = cast("dict[str, Schema]", found["properties"])
    described = {name: {**field, "description": meanings[name]} for name, field in fields.items()}
    return {**found, "properties": described}


def _without_titles(schema: Schema) -> Schema:
    fields = cast("dict[str, Schema]", schema["properties"])
    named = {
        name: {word: value for word, value in field.items() if word != "title"}
        for name, field in fields.items()
    }
    # Models within the model are components of their own.
    plain = {word: value for word, value in schema.items() if word not in {"title", "$defs"}}
    return {**plain, "properties": named}
