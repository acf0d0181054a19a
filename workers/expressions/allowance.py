"""Allowances: how much time of a worker the expressions of one gateway may take, so that others get theirs.

What an evaluation takes beyond some milliseconds is charged, to its expression and to its gateway, in minutes
that begin with the first charge. Who has used up an allowance rests until the minute is over. An expression
has one for each webhook: what strangers send to the first does not make it rest at the second.
"""

from collections import OrderedDict
from typing import Final

from domain.errors import FleetError

WINDOW_MS: Final = 60_000

FREE_MS: Final = 5.0
"""So much of an evaluation is not charged: a hundred times what most of them take."""

EXPRESSION_MS: Final = 500.0
GATEWAY_MS: Final = 2000.0
CUT_MS: Final = 500.0
"""What an evaluation costs that had to be ended: what it took, and a new process."""

_KEPT: Final = 1000

_Who = tuple[str, str, str]


class RestingError(FleetError):
    """A gateway has no time left; an event that is verified is judged when the minute is over."""


class Allowances:
    """What gateways and their expressions have used up. Bounded: old charges are forgotten."""

    def __init__(self) -> None:
        self._charged: OrderedDict[_Who, tuple[int, float]] = OrderedDict()

    def is_spent(self, gateway: str, webhook: str, expression: str, now_ms: int) -> bool:
        """Whether an expression has to rest.

        Args:
            gateway: whose it is.
            webhook: where the event came, by name.
            expression: what would be evaluated.
            now_ms: Unix ms.
        """
        is_slow = self.is_slow(gateway, webhook, expression, now_ms)
        return is_slow or self.spent_ms(gateway, now_ms) >= GATEWAY_MS

    def is_slow(self, gateway: str, webhook: str, expression: str, now_ms: int) -> bool:
        """Whether an expression has to rest for what it took at this very webhook, whatever others took."""
        return self._spent((gateway, webhook, expression), now_ms) >= EXPRESSION_MS

    def spent_ms(self, gateway: str, now_ms: int) -> float:
        """What all expressions of a gateway have used up in this minute, in milliseconds."""
        return self._spent((gateway, "", ""), now_ms)

    def charge(
        self, gateway: str, webhook: str, expression: str, took_ms: float, now_ms: int, *, is_cut: bool
    ) -> bool:
        """Charge an evaluation. Whether its expression has to rest from now on.

        Args:
            gateway: whose it is.
            webhook: where the event came, by name.
            expression: what was evaluated.
            took_ms: how much time of a processor it took.
            now_ms: Unix ms.
            is_cut: whether it had to be ended: the expression is not tried again for a whole minute.
        """
        beyond = max(took_ms - FREE_MS, CUT_MS if is_cut else 0.0)
        if beyond <= 0:
            return False
        self._add((gateway, "", ""), beyond, now_ms)
        if is_cut:
            self._put((gateway, webhook, expression), now_ms, EXPRESSION_MS)
        else:
            self._add((gateway, webhook, expression), beyond, now_ms)
        return self.is_spent(gateway, webhook, expression, now_ms)

    def _spent(self, who: _Who, now_ms: int) -> float:
        began, spent = self._charged.get(who, (now_ms, 0.0))
        return spent if now_ms - began < WINDOW_MS else 0.0

    def _add(self, who: _Who, beyond_ms: float, now_ms: int) -> None:
        began, spent = self._charged.get(who, (now_ms, 0.0))
        if now_ms - began >= WINDOW_MS:
            began, spent = now_ms, 0.0
        self._put(who, began, spent + beyond_ms)

    def _put(self, who: _Who, began: int, spent_ms: float) -> None:
        self._charged[who] = (began, spent_ms)
        self._charged.move_to_end(who)
        if len(self._charged) > _KEPT:
            self._charged.popitem(last=False)
