"""A tool: what it is called with, what it answers, and what a client may know of its effects beforehand."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Generic, TypeVar

from mcp_types import Tool as Listed
from mcp_types import ToolAnnotations
from pydantic import BaseModel, ConfigDict

from relay.mcp.desk import Desk


class Wish(BaseModel):
    """The arguments of a tool. A misspelt one is refused: it would otherwise leave out a filter."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Nothing(Wish):
    """No arguments."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool answers.

    Attributes:
        text: for the model that reads it.
        content: the same for programs.
    """

    text: str
    content: BaseModel


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a tool.

    Attributes:
        desk: whom it may ask.
        progress: tells the client how many of how many seconds have passed, and why.
    """

    desk: Desk
    progress: Callable[[float, float, str], Awaitable[None]]


class Effect(Enum):
    """What a tool does to its surroundings, as the protocol's annotations say it.

    https://modelcontextprotocol.io/specification/2025-11-25/schema#toolannotations
    """

    READS = (True, False, True)
    ADDS = (False, False, False)
    REPEATS = (False, False, True)
    CHANGES = (False, True, False)
    REMOVES = (False, True, True)


Wished = TypeVar("Wished", bound=Wish)


@dataclass(frozen=True, slots=True)
class Tool(Generic[Wished]):
    """A tool.

    Attributes:
        name: its name.
        title: for people.
        description: for the model that chooses.
        effect: what it does.
        is_open: whether strangers of the internet are at the other end, or write what it answers.
        wish: its arguments.
        result: what it answers, for programs.
        run: does it.
    """

    name: str
    title: str
    description: str
    effect: Effect
    is_open: bool
    wish: type[Wished]
    result: type[BaseModel]
    run: Callable[[Call, Wished], Awaitable[Answer]]

    def listed(self) -> Listed:
        """As a client sees it."""
        reads, destroys, repeats = self.effect.value
        return Listed(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema=_schema(self.wish.model_json_schema()),
            output_schema=_schema(self.result.model_json_schema(mode="serialization")),
            annotations=ToolAnnotations(
                title=self.title,
                read_only_hint=reads,
                destructive_hint=destroys,
                idempotent_hint=repeats,
                open_world_hint=self.is_open,
            ),
        )


_PROPERTIES: Final = "properties"


def _schema(found: dict[str, Any]) -> dict[str, Any]:
    """A schema without the titles that repeat names: a model reads every word of it."""
    short: dict[str, Any] = {}
    for name, value in found.items():
        if name == "title":
            continue
        if name in {_PROPERTIES, "$defs"}:
            short[name] = {each: _schema(inner) for each, inner in value.items()}
        else:
            short[name] = _schema(value) if isinstance(value, dict) else value  # pyright: ignore[reportUnknownArgumentType] - JSON
    return short
