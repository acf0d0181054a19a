"""The round trip of a tunnel: how long its connector takes to say a beat back."""

from collections import OrderedDict
from typing import Final

from relay.tunnel.messages import Beat

_REMEMBERED: Final = 8
"""Beats that may be on their way. A line on which more of them wait is not measured for now."""


class RoundTrip:
    """Measured with numbered beats. What is ahead of a beat on its line is part of it."""

    def __init__(self) -> None:
        self._asked: OrderedDict[int, float] = OrderedDict()
        self._number = 0
        self.ms: float | None = None
        """Of the newest beat that came back, in milliseconds, to a tenth; None: none has come back."""

    def ask(self, now_s: float) -> Beat:
        """The next beat to be sent, at this moment of a clock that never goes back."""
        self._number += 1
        self._asked[self._number] = now_s
        if len(self._asked) > _REMEMBERED:
            self._asked.popitem(last=False)
        return Beat(self._number)

    def answered(self, number: int, now_s: float) -> None:
        """A beat came back. A number that is not waited for says nothing: the other end may send any."""
        asked_at_s = self._asked.pop(number, None)
        if asked_at_s is not None:
            self.ms = round((now_s - asked_at_s) * 1000, 1)
