"""Runs: a command is run for deliveries, a few at a time, and its exit code is the answer."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Final

from domain.delivery import LONGEST_ATTEMPT_S, Outcome
from relay.connector.observer import Observer
from relay.connector.target import Answer, Arrival, KeepAlive
from relay.connector.targets.child import run_child
from relay.connector.targets.command import Command
from relay.connector.targets.keeping_alive import KeepingAlive
from relay.connector.targets.lines import Lines
from relay.connector.targets.prompt import PromptError
from relay.connector.targets.variables import environment

TRY_AGAIN: Final = 75
"""EX_TEMPFAIL of sysexits.h: the program asks to be run again."""

Stdin = Callable[[Arrival], Awaitable[bytes]]


class Runs:
    """Runs a command, no more often at a time than it allows."""

    def __init__(self, command: Command, stdin: Stdin, observer: Observer, *, lines_prolong: bool) -> None:
        """Nothing runs yet.

        Args:
            command: what is run.
            stdin: what it can read for a delivery; raises PromptError.
            observer: is told what it prints, and what is wrong with it.
            lines_prolong: where the time is the subscription's, each line that it prints starts it anew.
        """
        self._command = command
        self._stdin = stdin
        self._observer = observer
        self._lines_prolong = lines_prolong
        self._slots = asyncio.Semaphore(command.concurrency)
        self._has_told_unverified = False

    async def run(self, arrival: Arrival, keep_alive: KeepAlive) -> Answer:
        """Run it for a delivery as soon as there is room; waiting for that takes none of its time."""
        if not arrival.scheme and not self._command.allow_unverified:
            self._tell_unverified(arrival)
            return Answer(Outcome.REFUSED, "not verified")
        with KeepingAlive(keep_alive, arrival.timeout_s):
            await self._slots.acquire()
        try:
            # The silence that the relay allows begins now.
            keep_alive()
            return await self._timed(arrival, keep_alive)
        finally:
            self._slots.release()

    async def _timed(self, arrival: Arrival, keep_alive: KeepAlive) -> Answer:
        own_s = self._command.timeout_s
        time_s = own_s or arrival.timeout_s
        alive = KeepingAlive(keep_alive, arrival.timeout_s) if own_s else nullcontext()
        clock = asyncio.get_running_loop().time
        latest = clock() + LONGEST_ATTEMPT_S
        try:
            with alive:
                async with asyncio.timeout(time_s) as time:

                    def on_line() -> None:
                        if own_s is None and self._lines_prolong and not time.expired():
                            time.reschedule(min(clock() + time_s, latest))
                            keep_alive()

                    return await self._run(arrival, on_line)
        except TimeoutError:
            self._observer.on_trouble(arrival, self._too_long(time_s))
            return Answer(Outcome.RETRY, "timeout")

    async def _run(self, arrival: Arrival, on_line: Callable[[], None]) -> Answer:
        command = self._command
        lines = Lines()

        def take(chunk: bytes, *, is_last: bool = False) -> None:
            for line in lines.feed(chunk, is_last=is_last):
                self._observer.on_output(arrival, line)
            if not is_last:
                on_line()

        try:
            stdin = await self._stdin(arrival)
        except PromptError as error:
            self._observer.on_trouble(arrival, str(error))
            return Answer(Outcome.RETRY, "prompt failed")
        try:
            code = await run_child(
                command.argv,
                environment(command.environment, arrival, command.headers),
                command.directory,
                stdin,
                take,
            )
        except (OSError, ValueError) as error:
            self._observer.on_trouble(arrival, self._unstartable(error))
            return Answer(Outcome.RETRY, "command cannot be started")
        finally:
            take(b"", is_last=True)
        return self._answer(code)

    def _answer(self, code: int) -> Answer:
        if code == os.EX_OK:
            return Answer(Outcome.DELIVERED, "exit 0")
        if code == TRY_AGAIN:
            return Answer(Outcome.RETRY, "exit 75")
        return Answer(self._command.on_failure, f"exit {code}" if code > 0 else f"signal {-code}")

    def _tell_unverified(self, arrival: Arrival) -> None:
        if self._has_told_unverified:
            return
        self._has_told_unverified = True
        self._observer.on_trouble(
            arrival,
            f"nobody has verified the events of {arrival.webhook}: anybody could have sent them. Nothing is"
            " run for them. Set a secret for the webhook, verify them here (verify), or write"
            " allow_unverified = true. This is said once.",
        )

    def _too_long(self, time_s: float) -> str:
        if self._command.timeout_s is None and self._lines_prolong:
            return (
                f"it printed nothing for {time_s:g} s, the time of its subscription, and was ended with all"
                " that it had started; give it more with timeout = SECONDS."
            )
        return (
            f"it took longer than {time_s:g} s and was ended with all that it had started; give it more with"
            " timeout = SECONDS."
        )

    def _unstartable(self, error: Exception) -> str:
        command = self._command
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it cannot be passed on"
        return (
            f"{command.argv[0]} cannot be started in {command.directory}: {reason}. Check the command, its"
            " directory and PATH; the event is tried again later."
        )
