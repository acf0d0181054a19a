"""Filtering: which of the subscriptions that listen want an event, and why the others do not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from domain.expression.facts import Facts
from domain.expression.failure import Failure
from domain.passed_over import Because, PassedOver, shortened
from domain.subscription import Subscription
from workers.expressions.allowance import Allowances, RestingError
from workers.expressions.evaluator import Evaluator
from workers.meters import Meters

_CUT: Final = frozenset({Failure.TOO_SLOW, Failure.TOO_LARGE, Failure.CRASHED})
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sifted:
    """Who gets an event.

    Attributes:
        wanted: ids of the subscriptions that do.
        passed_over: those that do not.
    """

    wanted: tuple[str, ...]
    passed_over: tuple[PassedOver, ...]


class Filters:
    """The filters of subscriptions. What asks of the type and the sender costs no more than to look.

    Expressions are evaluated in a process of their own, and within the allowance of their gateway.
    """

    def __init__(
        self,
        clock_ms: Callable[[], int],
        meters: Meters | None = None,
        evaluator: Evaluator | None = None,
        allowances: Allowances | None = None,
    ) -> None:
        """Nothing is started yet.

        Args:
            clock_ms: Unix time in milliseconds.
            meters: are told of each evaluation.
            evaluator: evaluates.
            allowances: what gateways have used up so far; None: nothing.
        """
        self._clock_ms = clock_ms
        self._meters = meters or Meters()
        self._evaluator = evaluator or Evaluator()
        self._allowances = allowances or Allowances()

    def sift(
        self,
        listening: Sequence[Subscription],
        miss: Callable[[Subscription], Because | None],
        facts: Callable[[], Facts],
    ) -> Sifted:
        """Who of those that listen gets an event.

        Args:
            listening: all of them, of one gateway.
            miss: what of the filter an event does not pass, expressions left aside.
            facts: what expressions are told; asked for once, when there is one to be evaluated.

        Raises:
            NotStartedError: an expression cannot be evaluated here; another worker may be able to.
            RestingError: the gateway has no time left, and the event is verified: to decide without an
                expression would lose it.
        """
        wanted: list[str] = []
        over: list[PassedOver] = []
        judged: dict[str, bool | str] = {}
        about: Facts | None = None
        for each in listening:
            because = miss(each)
            if because is not None:
                asked = each.senders if because is Because.SENDER else each.event_types
                over.append(PassedOver(each.id, because, asked))
                continue
            if each.expression and each.expression not in judged:
                about = about or facts()
                judged[each.expression] = self._judged(each, about)
            found = judged[each.expression] if each.expression else True
            if found is True:
                wanted.append(each.id)
            else:
                over.append(_unfulfilled(each, found))
        return Sifted(tuple(wanted), tuple(over))

    def spent_ms(self, gateway: str) -> float:
        """What the expressions of a gateway have used up of its allowance."""
        return self._allowances.spent_ms(gateway, self._clock_ms())

    def close(self) -> None:
        """End the process that evaluates, if there is one."""
        self._evaluator.close()

    def _judged(self, subscription: Subscription, facts: Facts) -> bool | str:
        gateway, expression, now_ms = subscription.gateway, subscription.expression, self._clock_ms()
        if self._allowances.is_spent(gateway, facts.webhook, expression, now_ms):
            self._meters.judged(Failure.RESTING)
            # Who is slow where only verified events come is so by itself. Else strangers may have spent the
            # time, by what they sent to another webhook, and a verified event must not be lost for it.
            is_slow = self._allowances.is_slow(gateway, facts.webhook, expression, now_ms)
            if facts.is_verified and not is_slow:
                raise RestingError(
                    f"Gateway {gateway} has no time left for the expression of {subscription.id}."
                )
            return Failure.RESTING.value
        judgement = self._evaluator.judge(facts, expression)
        found = judgement.found
        is_cut = found in _CUT
        took_ms, webhook = judgement.cpu_ms, facts.webhook
        if self._allowances.charge(gateway, webhook, expression, took_ms, now_ms, is_cut=is_cut):
            failure = found if is_cut else Failure.TOO_SLOW.value
            _log.warning("expression_rests", gateway=gateway, subscription=subscription.id, failure=failure)
        self._meters.judged(str(found).partition(" ")[0].lower())
        return found


def _unfulfilled(subscription: Subscription, found: bool | str) -> PassedOver:  # noqa: FBT001 - what was found
    asked = (shortened(subscription.expression),)
    if isinstance(found, str):
        return PassedOver(subscription.id, Because.EXPRESSION_FAILED, asked, found)
    return PassedOver(subscription.id, Because.EXPRESSION, asked)
