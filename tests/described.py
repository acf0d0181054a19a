"""The document of the control API as a judge: every answer that a test gets is held against it."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from relay.server.api import PREFIX, openapi

_HERE = "urn:openapi"
_PROBLEM = "application/problem+json"
_TOLD = 3


def closed(schema: Any) -> Any:
    """A schema in which objects have no field but those that it names: owners may get more, tests may not."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inside = {name: closed(value) for name, value in schema.items()}
    if "properties" in schema and "type" in schema and "additionalProperties" not in schema:
        inside["additionalProperties"] = False
    return inside


class Description:
    """What the document says of requests and answers."""

    def __init__(self, document: Any) -> None:
        self._document = closed(document)
        self._registry = Registry().with_resource(_HERE, Resource(self._document, DRAFT202012))
        self._paths = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), methods)
            for path, methods in self._document["paths"].items()
        ]
        self._validators: dict[str, Draft202012Validator] = {}

    def mistakes(
        self, method: str, target: str, asked: bytes, status: int, headers: Mapping[str, str], answered: bytes
    ) -> list[str]:
        """What of an answer, or of a request that was granted, is not as the document says."""
        path, _, query = target.partition("?")
        operation = self._operation(method, path)
        if operation is None:
            return self._refused(status, headers, answered)
        response = operation["responses"].get(str(status))
        if response is None:
            return [f"{status} is not among the answers"]
        found = self._unlike(self._resolved(response), headers, answered)
        return found + (self._granted(operation, query, asked) if status < 300 else [])

    def _granted(self, operation: Any, query: str, asked: bytes) -> list[str]:
        known = {each["name"]: each["schema"] for each in operation.get("parameters", [])}
        found = [f"there is no parameter {name}" for name, _ in parse_qsl(query) if name not in known]
        body = operation.get("requestBody")
        if body:
            found += self._errors(body["content"]["application/json"]["schema"], json.loads(asked))
        return found

    def _operation(self, method: str, path: str) -> Any:
        for pattern, methods in self._paths:
            if pattern.fullmatch(path):
                return methods.get("get" if method == "HEAD" else method.lower())
        return None

    def _refused(self, status: int, headers: Mapping[str, str], answered: bytes) -> list[str]:
        """What is not described can only be refused."""
        if status < 400 or headers.get("content-type") != _PROBLEM:
            return [f"the answer {status} to something that is not described"]
        return self._errors({"$ref": "#/components/schemas/Problem"}, json.loads(answered))

    def _unlike(self, response: Any, headers: Mapping[str, str], answered: bytes) -> list[str]:
        found = [f"there is no {name}" for name in response.get("headers", {}) if name.lower() not in headers]
        content = response.get("content")
        if content is None:
            return found + ([f"there is content: {answered[:60]!r}"] if answered else [])
        [(media_type, kind)] = content.items()
        if headers.get("content-type") != media_type:
            return [*found, f"it is {headers.get('content-type')}, not {media_type}"]
        return found + self._errors(kind["schema"], json.loads(answered))

    def _resolved(self, response: Any) -> Any:
        name = response.get("$ref", "").rpartition("/")[2]
        return self._document["components"]["responses"][name] if name else response

    def _errors(self, schema: Any, value: Any) -> list[str]:
        if isinstance(schema, str):
            schema = {"$ref": schema}
        return [
            f"{error.json_path}: {error.message[:200]}"
            for error in self._validator(schema).iter_errors(value)
        ][:_TOLD]

    def _validator(self, schema: Any) -> Draft202012Validator:
        key = json.dumps(schema)
        if key not in self._validators:
            here = json.loads(key.replace('"#/', f'"{_HERE}#/'))
            formats = FormatChecker(["date-time", "date"])
            self._validators[key] = Draft202012Validator(
                here, registry=self._registry, format_checker=formats
            )
        return self._validators[key]


@cache
def description() -> Description:
    """Made once: schemas are slow to prepare, and quick to apply."""
    return Description(openapi.document())


class HeldToDescription:
    """ASGI middleware that puts an answer 500 with the mistakes in the place of each one that has some."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        asked: list[bytes] = []
        said: list[Message] = []

        async def listen() -> Message:
            message = await receive()
            asked.append(message.get("body", b""))
            return message

        async def hold(message: Message) -> None:
            said.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                for each in _judged(scope, b"".join(asked), said):
                    await send(each)

        await self._app(scope, listen, hold)


def _judged(scope: Scope, asked: bytes, said: list[Message]) -> list[Message]:
    start, *bodies = said
    headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    answered = b"".join(each.get("body", b"") for each in bodies)
    target = f"{scope['path'].removeprefix(PREFIX)}?{scope['query_string'].decode()}"
    found = description().mistakes(scope["method"], target, asked, start["status"], headers, answered)
    if not found:
        return said
    told = f"{scope['method']} {target} is not as docs/openapi.json says: {'; '.join(found)}".encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(told)).encode())]
    return [
        {"type": "http.response.start", "status": 500, "headers": headers},
        {"type": "http.response.body", "body": told},
    ]
