"""The networks of named lists, looked up in Redis and remembered for half a minute."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from domain.named import NamedList
from domain.networks import NOBODY, Networks
from ingress.context import IngressContext
from store import named_lists

_REMEMBERED_MS: Final = 30_000
_REMEMBERED: Final = 200


@dataclass(frozen=True, slots=True)
class _Remembered:
    named: NamedList | None
    networks: Networks
    loaded_at: int


class NamedNetworks:
    """The lists that the webhooks of this process name."""

    def __init__(self, context: IngressContext) -> None:
        self._context = context
        self._lists: dict[str, _Remembered] = {}

    async def of(self, names: Iterable[str]) -> Mapping[str, Networks]:
        """The networks of these lists. One that is not there has none.

        Raises:
            redis.exceptions.RedisError: Redis is away.
        """
        now = self._context.clock_ms()
        found = {name: self._fresh(name, now) for name in names}
        missing = [name for name, known in found.items() if known is None]
        if missing:
            if len(self._lists) > _REMEMBERED:
                self._lists.clear()
            for name, named in (await self._context.store.run(named_lists.fetch(missing))).items():
                found[name] = self._lists[name] = self._remembered(name, named, now)
        return {name: known.networks for name, known in found.items() if known is not None}

    def _fresh(self, name: str, now: int) -> _Remembered | None:
        known = self._lists.get(name)
        return known if known is not None and now - known.loaded_at < _REMEMBERED_MS else None

    def _remembered(self, name: str, named: NamedList | None, now: int) -> _Remembered:
        known = self._lists.get(name)
        if known is not None and known.named == named:
            return _Remembered(named, known.networks, now)
        return _Remembered(named, NOBODY if named is None else Networks.of(named.networks), now)
