"""The sweeper: turns what is due into RQ jobs and state changes. One is on duty, others stand by."""

from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final

import structlog
from redis.exceptions import RedisError

from domain.delivery import Step
from domain.ids import ENTROPY_BYTES, event_of, new_id
from domain.retry import next_delay_s
from store.deliveries import Settlement, settle
from store.sweeping import Deadline, Duty, Ended, Swept, Unfit, leave_duty, sweep
from store.tunnels import close_tunnel
from workers.cancelling import Cancelling
from workers.context import SweeperContext

_LEASE_MS: Final = 5000
_LIMIT: Final = 500
_REDIS_PAUSE_S: Final = 1.0
_log = structlog.get_logger()


class Sweeper:
    """Sweeps until it is told to stop."""

    def __init__(self, context: SweeperContext) -> None:
        self._context = context
        name = new_id("job", context.clock_ms(), context.entropy(ENTROPY_BYTES))
        self._duty = Duty(name, _LEASE_MS, _LIMIT)
        self._cancelling = Cancelling(context.store, context.clock_ms)
        self._is_stopping = False
        self._was_on_duty = False
        # A signal handler may put into this queue whatever it interrupts; an Event could lock itself up.
        self._wake = SimpleQueue[None]()

    def stop(self) -> None:
        """Return from `run` soon. May be called in a signal handler."""
        self._is_stopping = True
        self._wake.put(None)

    def run(self) -> None:
        """Sweep, and rest when nothing is due; at the end, let another one go on at once."""
        _log.info("sweeper_started", sweeper=self._duty.sweeper)
        while not self._is_stopping:
            try:
                swept = self.sweep_once()
            except RedisError as error:
                _log.warning("sweep_failed", error=type(error).__name__)
                self._rest(_REDIS_PAUSE_S)
                continue
            if not self._is_behind(swept) and not self._cancelling.is_busy:
                self._rest(self._context.sweep_interval_s)
        try:
            self._context.store.run(leave_duty(self._duty.sweeper))
        except RedisError as error:
            # The lease ends by itself.
            _log.warning("duty_not_left", error=type(error).__name__)

    def _is_behind(self, swept: Swept) -> bool:
        return 0 <= swept.next_due <= self._context.clock_ms()

    def _rest(self, pause_s: float) -> None:
        with suppress(Empty):
            self._wake.get(timeout=pause_s)

    def sweep_once(self) -> Swept:
        """Look at what is due now.

        Raises:
            redis.exceptions.RedisError: Redis is away.
        """
        context = self._context
        now = context.clock_ms()
        base = new_id("job", now, context.entropy(ENTROPY_BYTES))
        swept = context.store.run(sweep(self._duty, context.limits, base, now))
        self._tell(on_duty=swept.on_duty)
        context.meters.swept(swept.looked_at, on_duty=swept.on_duty)
        for item in swept.items:
            if isinstance(item, Deadline):
                self._miss(item)
            elif isinstance(item, Ended):
                self._end(item)
            else:
                _tell_unfit(item)
        if not swept.on_duty:
            self._cancelling.drop()
        self._cancelling.go_on()
        return swept

    def _tell(self, *, on_duty: bool) -> None:
        if on_duty is not self._was_on_duty:
            self._was_on_duty = on_duty
            _log.info("sweeper_on_duty" if on_duty else "sweeper_off_duty", sweeper=self._duty.sweeper)

    def _miss(self, deadline: Deadline) -> None:
        """An attempt that was not answered in time has failed."""
        context = self._context
        now = context.clock_ms()
        delay = next_delay_s(context.retry_schedule_s, deadline.tries, None, context.dice())
        step = Step.EXHAUST if delay is None else Step.RETRY
        retry_at = now + int((delay or 0) * 1000)
        item = Settlement(deadline.delivery, deadline.attempt, step, retry_at, "no answer in time")
        context.store.run(settle([item], now))
        context.meters.missed()
        _log.info(
            "delivery_deadline",
            event_id=event_of(deadline.delivery),
            delivery=deadline.delivery,
            attempt=deadline.attempt,
        )

    def _end(self, ended: Ended) -> None:
        if ended.kind == "tunnel":
            self._context.store.run(close_tunnel(ended.gateway, ended.name, "", self._context.clock_ms()))
            self._context.meters.lapsed()
            _log.info("tunnel_lapsed", tunnel=ended.name)
        else:
            self._cancelling.add(ended)


def _tell_unfit(item: Unfit) -> None:
    """Somebody has to look: this does not happen unless something else writes to our Redis."""
    if item.error:
        _log.error("due_broken", member=item.member, error=item.error)
    else:
        _log.error("due_unknown", member=item.member)
