"""The control API, asked in this process: the same routes and rules as over HTTP, without HTTP."""

import json as encoding
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from starlette.routing import Router
from starlette.types import Message

from domain.errors import FleetError
from relay.server.access import VOUCHED, Vouched
from relay.server.api import PREFIX, api_routes

# JSON; what stands in it is agreed with `relay.server.api`.
Json = dict[str, Any]

_routes: Final = Router(routes=api_routes())


@dataclass(frozen=True, slots=True)
class Answer:
    """What the control API said.

    Attributes:
        status: the HTTP status.
        content: the JSON of the answer, {} when it was empty.
    """

    status: int
    content: Json

    @property
    def is_refusal(self) -> bool:
        """Whether it is a problem."""
        return self.status >= HTTPStatus.BAD_REQUEST

    @property
    def sentence(self) -> str:
        """What a refusal says to people."""
        return str(self.content.get("detail", "The gateway cannot answer this; its log says why."))


class RefusedError(FleetError):
    """The control API refused, and the page can do no better than to say so."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.sentence)
        self.answer = answer


class Api:
    """Asks in the name of one gateway; who that is stands in the scope, where no client writes."""

    def __init__(self, app: object, vouched: Vouched) -> None:
        self._app = app
        self._vouched = vouched

    async def ask(
        self, method: str, path: str, query: Mapping[str, str] | None = None, json: Json | None = None
    ) -> Answer:
        """The answer to one question, whatever it is.

        Args:
            method: the HTTP method.
            path: the path below the prefix, not quoted.
            query: parameters; those that are empty are left out.
            json: what is sent along.
        """
        asked = {name: value for name, value in (query or {}).items() if value}
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": PREFIX + path,
            "root_path": "",
            "query_string": urlencode(asked).encode(),
            "headers": [],
            "app": self._app,
            VOUCHED: self._vouched,
        }
        body = b"" if json is None else encoding.dumps(json).encode()
        said: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            said.append(message)

        await _routes(scope, receive, send)
        raw = b"".join(message.get("body", b"") for message in said[1:])
        return Answer(said[0]["status"], encoding.loads(raw) if raw else {})

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Json:
        """What stands at a path.

        Raises:
            RefusedError: the API refused.
        """
        return await self.done("GET", path, query=query)

    async def done(
        self, method: str, path: str, query: Mapping[str, str] | None = None, json: Json | None = None
    ) -> Json:
        """The content of the answer to a question that is not refused.

        Raises:
            RefusedError: it was.
        """
        answer = await self.ask(method, path, query, json)
        if answer.is_refusal:
            raise RefusedError(answer)
        return answer.content
