"""A budget: how often something may be done for somebody in a minute."""

from collections import OrderedDict
from typing import Final

WINDOW_MS: Final = 60_000
_KEPT: Final = 1000


class Budget:
    """Counts by name, in minutes that begin with the first time. Bounded: old names are forgotten."""

    def __init__(self, times: int) -> None:
        self._times = times
        self._spent: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def spend(self, name: str, now_ms: int) -> bool:
        """Whether it may be done once more, which is then counted."""
        began, spent = self._spent.get(name, (now_ms, 0))
        if now_ms - began >= WINDOW_MS:
            began, spent = now_ms, 0
        if spent >= self._times:
            return False
        self._spent[name] = (began, spent + 1)
        self._spent.move_to_end(name)
        if len(self._spent) > _KEPT:
            self._spent.popitem(last=False)
        return True
