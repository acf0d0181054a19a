"""Named lists in Redis: those that were refreshed or made since, over those that came with the program."""

import json
from collections.abc import Sequence
from typing import Final

from domain.errors import FleetError
from domain.named import SHIPPED, NamedList
from store import keys
from store.calls import Call, Reply, one, pairs
from store.scripts import load

MAX_KEPT: Final = 100
"""How many lists Redis keeps: every ingress reads all of them."""


class TooManyListsError(FleetError):
    """Redis keeps as many lists as it may."""

    def __init__(self) -> None:
        super().__init__(f"{MAX_KEPT} lists are kept already, which is the limit; forget one first.")


def every() -> Call[dict[str, NamedList]]:
    """All lists, by name. What Redis keeps wins over what came with the program."""
    return one(("HGETALL", keys.NETWORKS), lambda reply: {**SHIPPED, **_kept(reply)})


def fetch(names: Sequence[str]) -> Call[dict[str, NamedList | None]]:
    """The lists of these names, at least one; None where there is none."""

    def parse(reply: Reply) -> dict[str, NamedList | None]:
        return {
            name: SHIPPED.get(name) if text is None else _list(name, json.loads(text))
            for name, text in zip(names, reply, strict=True)
        }

    return one(("HMGET", keys.NETWORKS, *names), parse)


def keep(named: NamedList) -> Call[None]:
    """Keep a list in place of the one that had its name.

    Raises:
        TooManyListsError: there are too many.
    """
    facts = {
        "title": named.title,
        "source": named.source,
        "feed": named.feed,
        "as_of": named.as_of,
        "networks": named.networks,
    }

    def parse(reply: Reply) -> None:
        if not reply:
            raise TooManyListsError

    return one(load("keep_networks").command(named.name, json.dumps(facts), MAX_KEPT), parse)


def forget(name: str) -> Call[None]:
    """Forget what is kept of a list: the one that came with the program holds again, else there is none."""
    return one(load("forget_networks").command(name), lambda _: None)


def _kept(reply: Reply) -> dict[str, NamedList]:
    return {name: _list(name, json.loads(text)) for name, text in pairs(reply).items()}


def _list(name: str, facts: Reply) -> NamedList:
    return NamedList(
        name, facts["title"], facts["source"], facts["feed"], facts["as_of"], tuple(facts["networks"])
    )
