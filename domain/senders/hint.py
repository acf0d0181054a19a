"""A hint: the marks of a sender's requests. It says who seems to call, never who does."""

from dataclasses import dataclass
from typing import Final

from domain.senders.content import Content
from domain.senders.source import Header, JsonField


@dataclass(frozen=True, slots=True)
class Hint:
    """The marks of a sender.

    Attributes:
        headers: one of them is enough.
        also: all of these are there, too.
        without: none of these is there.
        fields: the JSON body has all of these; instead of headers where none are named.
        agent: what the User-Agent begins with; enough by itself.
    """

    headers: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    agent: str = ""

    def fits(self, content: Content) -> bool:
        """Whether a request bears these marks."""
        if self.agent and _starts(content, self.agent):
            return True
        if not self.headers and not self.fields:
            return False
        return (
            (not self.headers or any(_has(content, name) for name in self.headers))
            and all(_has(content, name) for name in self.also)
            and not any(_has(content, name) for name in self.without)
            and all(JsonField(path).values(content) for path in self.fields)
        )


NO_MARKS: Final = Hint()


def _has(content: Content, name: str) -> bool:
    return bool(Header(name).values(content))


def _starts(content: Content, agent: str) -> bool:
    return any(value.startswith(agent.encode()) for value in Header("User-Agent").values(content))
