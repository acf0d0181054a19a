"""An attempt: one delivery brought to one target, and one answer, whatever the target does."""

import math
from collections.abc import Callable
from dataclasses import replace

from domain.delivery import Outcome
from domain.retry import MAX_RETRY_AFTER_S
from relay.connector.allowance import Allowance
from relay.connector.target import Answer, Arrival, Target
from relay.tunnel.fields import printable
from relay.tunnel.messages import MAX_NOTE_CHARS


async def attempt(
    target: Target, arrival: Arrival, say_alive: Callable[[], None], tell: Callable[[str], None]
) -> Answer:
    """What a target answers, made fit to be sent. A target that fails or takes too long means: retry.

    Args:
        target: where the delivery is brought.
        arrival: the delivery.
        say_alive: tells the relay that the attempt still works; called now and then while the target says so.
        tell: is told of a failure of ours, a sentence for people.
    """
    try:
        async with Allowance(arrival.timeout_s, say_alive) as allowance:
            answer = await target.deliver(arrival, allowance.keep_alive)
    except TimeoutError:
        return Answer(Outcome.RETRY, "timeout")
    except Exception as error:  # noqa: BLE001 - targets are anybody's code
        # The type only: what a target says of itself may hold payload.
        tell(
            f"the target failed ({type(error).__name__}), which is a mistake of ours; please report it."
            " The event is tried again later."
        )
        return Answer(Outcome.RETRY, "target failed")
    return replace(
        answer, note=printable(answer.note, MAX_NOTE_CHARS), retry_after_s=_bounded(answer.retry_after_s)
    )


def _bounded(wish_s: float | None) -> float | None:
    if wish_s is None or math.isnan(wish_s):
        return None
    return min(max(wish_s, 0.0), MAX_RETRY_AFTER_S)
