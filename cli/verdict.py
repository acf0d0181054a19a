"""Verdicts: what the status of a gateway means: is it up, is anything stuck, what failed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cli import queues
from cli.client import Json
from cli.durations import about, ago, unix_ms

_SLOW_MS: Final = 60_000
"""What waits longer than that while somebody could take it is stuck: recovery has had its time."""
_FULL: Final = 0.9
"""From this share of its memory on, Redis is nearly full."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer to one of the questions.

    Attributes:
        question: the question.
        answer: yes or no, or a number.
        is_good: whether that is as it should be.
        sentences: why, and what to do; at least one.
    """

    question: str
    answer: str
    is_good: bool
    sentences: tuple[str, ...]

    @classmethod
    def away(cls, sentence: str) -> "Verdict":
        """Nobody answers."""
        return cls(_UP, "NO", is_good=False, sentences=(sentence, "Below is what was seen last."))


_UP: Final = "Is it up?"
_START: Final = "Events are accepted and wait. Start one where your program is: 'fleet connect NAME=URL'."


def verdicts(status: Json, now_ms: int) -> list[Verdict]:
    """The answers, from the answer of GET /status.

    Args:
        status: the answer.
        now_ms: Unix time in milliseconds.
    """
    return [_is_up(status, now_ms), _is_stuck(status, now_ms), _what_failed(status)]


def _is_up(status: Json, now_ms: int) -> Verdict:
    """Up is what answers, has a connector, and lets the canary through where there is one."""
    tunnels, canary = status["tunnels"], status["canary"]
    walk = _walk(canary, now_ms) if canary else ()
    if not tunnels:
        return _half(f"no connector is connected; {_before(status['last_tunnel'], now_ms)}.", _START, *walk)
    # A connector has a tunnel for each program that it runs, so their number is not that of connectors.
    open_ones = "1 tunnel is" if len(tunnels) == 1 else f"{len(tunnels)} tunnels are"
    if canary and not canary["well"]:
        return _half("its canary does not arrive.", *walk)
    sentence = f"The relay answers, and {open_ones} open."
    return Verdict(_UP, "yes", is_good=True, sentences=(sentence, *walk))


def _half(but: str, *sentences: str) -> Verdict:
    return Verdict(_UP, "half", is_good=False, sentences=(f"The relay answers, but {but}", *sentences))


def _before(last: Json | None, now_ms: int) -> str:
    return f"{last['name']} was the last, {ago(last['left_at'], now_ms)}" if last else "none ever was"


def _walk(canary: Json, now_ms: int) -> tuple[str]:
    if canary["well"]:
        return (f"The canary arrived {ago(canary['good_at'], now_ms)}, after {canary['latency_ms']:g} ms.",)
    return (f"It arrived {ago(canary['good_at'], now_ms)} for the last time: 'fleet doctor' says more.",)


def _is_stuck(status: Json, now_ms: int) -> Verdict:
    found = tuple(_stuck(status, now_ms))
    if found:
        return Verdict("Is anything stuck?", "YES", is_good=False, sentences=found)
    nothing = "Nothing waits longer than it should, and the ledger balances."
    return Verdict("Is anything stuck?", "no", is_good=True, sentences=(nothing,))


def _stuck(status: Json, now_ms: int) -> Iterator[str]:
    events, deliveries, server = status["events"], status["deliveries"], status["server"]
    if server is not None:
        yield from queues.troubles(server, now_ms)
    elif status["suspended"]:
        yield "Its operator has suspended the workers: what comes waits."
    if _past(events["oldest_waiting_at"], now_ms) > _SLOW_MS and not status["suspended"]:
        waited = about(_past(events["oldest_waiting_at"], now_ms))
        yield f"{events['waiting']} events wait for a worker, the oldest for {waited}: see 'fleet queues'."
    if _past(deliveries["next_retry_at"], now_ms) > _SLOW_MS and not status["suspended"]:
        late = about(_past(deliveries["next_retry_at"], now_ms))
        yield f"Retries are late by {late}: the sweeper or the workers of deliveries are missing or busy."
    yield from _waiting_for_connectors(status, now_ms)
    yield from _paused(status["paused_webhooks"])
    if events["set_aside"]:
        yield f"{events['set_aside']} events are set aside: 'fleet events list --outcome set_aside'."
    if server is not None and (server["redis"]["share"] or 0) > _FULL:
        yield f"Redis is {server['redis']['share']:.0%} full; when it is, senders get 503."
    if not status["balanced"]:
        yield "The ledger does NOT balance: 'fleet audit' shows the differences."


def _paused(names: list[str]) -> Iterator[str]:
    if names:
        who = "1 webhook is paused" if len(names) == 1 else f"{len(names)} webhooks are paused"
        yield f"{who}, senders get 503: 'fleet webhooks resume {names[0]}'."


def _waiting_for_connectors(status: Json, now_ms: int) -> Iterator[str]:
    served = {name for tunnel in status["tunnels"] for name in tunnel["subscriptions"]}
    for each in status["subscriptions"]:
        waits, name = each["waiting"], each["name"]
        if not waits:
            continue
        past_ms = _past(each["oldest_at"], now_ms)
        if name not in served:
            yield f"{waits} wait for {name}, which nobody serves: 'fleet connect {name}=URL'."
        elif past_ms > _SLOW_MS:
            yield f"{waits} wait for {name}, the oldest for {about(past_ms)}: its program is too slow."


def _what_failed(status: Json) -> Verdict:
    dead, retrying = status["deliveries"]["dead"], status["deliveries"]["retrying"]
    rejected = status["events"]["rejected"]
    told: list[str] = []
    if dead:
        told.append(f"{dead} {_are(dead)} out of attempts: 'fleet deliveries list' says why.")
    if retrying:
        told.append(f"{retrying} {_are(retrying)} tried again: 'fleet deliveries list --retrying'.")
    if rejected:
        were = "event was" if rejected == 1 else "events were"
        told.append(f"{rejected} {were} rejected so far: 'fleet events list --outcome rejected'.")
    failed = dead + retrying
    sentences = tuple(told) or ("No delivery has failed, and no event was rejected.",)
    return Verdict("What failed?", str(failed) if failed else "-", is_good=not dead, sentences=sentences)


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _past(moment: str | None, now_ms: int) -> int:
    return now_ms - unix_ms(moment) if moment else 0
