"""A plain desk: nothing that the control API says can pass for our own words before a model reads it.

A gateway that was broken into writes what it likes into names, sentences and errors.
"""

from collections.abc import Mapping
from typing import Final, cast

from domain.errors import FleetError
from domain.visible import on_one_line
from relay.mcp.desk import Account, Desk, Json, Kept

_VERBATIM: Final = frozenset({"expression"})
"""Quotes belong to these. They stay in one line all the same."""
_MOST_DEEP: Final = 50


def plain(value: object, *, is_verbatim: bool = False, depth: int = 0) -> object:
    """A JSON value with every text on one line, seen as it is, and with no quote that ends one of ours.

    Raises:
        FleetError: it is nested deeper than any answer.
    """
    if depth > _MOST_DEEP:
        raise FleetError("The gateway gave an answer that is none; check FLEET_API_URL.")
    match value:
        case str():
            shown = on_one_line(value)
            return shown if is_verbatim else shown.replace('"', "'")
        case dict():
            known = cast("dict[str, object]", value)
            return {
                str(plain(name)): plain(each, is_verbatim=name in _VERBATIM, depth=depth + 1)
                for name, each in known.items()
            }
        case list():
            return [plain(each, depth=depth + 1) for each in cast("list[object]", value)]
        case _:
            return value


class PlainDesk:
    """Asks another desk, and makes plain what comes back."""

    def __init__(self, desk: Desk) -> None:
        """A desk in front of another.

        Args:
            desk: is asked.
        """
        self._desk = desk

    @property
    def is_stopping(self) -> bool:
        """Whether this process is about to end."""
        return self._desk.is_stopping

    def now_ms(self) -> int:
        """Unix time in milliseconds."""
        return self._desk.now_ms()

    async def ask(
        self, method: str, *path: str, query: Mapping[str, str] | None = None, body: Json | None = None
    ) -> Json:
        """The control API's answer to one question.

        Raises:
            FleetError: it refused, or was not reached.
        """
        return cast("Json", plain(await self._desk.ask(method, *path, query=query, body=body)))

    async def keep(self, webhook: str) -> Kept:
        """Bring the secret to where its owner wants it."""
        kept = await self._desk.keep(webhook)
        return Kept(kept.place, kept.name, on_one_line(kept.note), kept.is_in_vault)

    def account(self, event: Json, served: frozenset[str]) -> Account:
        """What became of an event, in sentences."""
        return self._desk.account(event, served)
