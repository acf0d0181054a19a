"""The decision trace of an event: what happened to it, step by step, in plain sentences."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from cli import event_words as words
from cli.answers import day_and_time
from cli.client import Json
from cli.durations import about, unix_ms
from cli.reasons import REJECTIONS
from cli.ways import Way
from domain.event import EventState, Rejection
from domain.outcome import EventOutcome
from domain.reasons import refusal, wish_for
from workers.vouched import COMMIT, PUSH

_GAP: Final = " " * 14
"""As wide as a time of day and what stands behind it."""

_LONG_MS: Final = 5000
"""A worker that is there decides an event within milliseconds."""

_HEADLINES: Final[dict[str, str]] = {
    EventOutcome.WAITING: "accepted; no worker has looked at it yet",
    EventOutcome.REJECTED: "REJECTED, nobody got it",
    EventOutcome.UNMATCHED: "unmatched: no subscription wanted it, so nobody got it",
    EventOutcome.DUPLICATE: "a duplicate: the sender has sent it before, so it was not delivered again",
    EventOutcome.SET_ASIDE: "SET ASIDE: the worker crashed on it three times, and nobody got it",
    EventOutcome.UNDER_WAY: "under way",
    EventOutcome.DELIVERED: "delivered",
    EventOutcome.FAILED: "FAILED",
    EventOutcome.REFUSED: "refused",
    EventOutcome.DISCARDED: "discarded",
    EventOutcome.CANCELLED: "cancelled: its webhook or its subscription was deleted",
    EventOutcome.EXPIRED: "expired: the retention ended before it was delivered",
}


@dataclass(frozen=True)
class Trace:
    """What is to be told.

    Attributes:
        headline: what became of it.
        steps: what happened, in order; those of one delivery stand under its name.
        advice: what to do next; none when all is well.
    """

    headline: str
    steps: list[str] = field(default_factory=list[str])
    advice: list[str] = field(default_factory=list[str])


def trace(event: Json, served: frozenset[str], now_ms: int) -> Trace:
    """The trace of an event.

    Args:
        event: as the control API tells it.
        served: names of the subscriptions that a live tunnel serves.
        now_ms: Unix time in milliseconds.
    """
    ways = [Way(each, event, served, now_ms) for each in event["deliveries"]]
    steps = [_accepted(event), *_decided(event, now_ms), *_matched(event)]
    for way in ways:
        steps += ["", *way.steps()]
    advice = list(dict.fromkeys([*_advice(event, now_ms), *(tip for way in ways for tip in way.advice())]))
    return Trace(_headline(event), [*steps, "", _body(event)], advice)


def _headline(event: Json) -> str:
    states = [each["state"] for each in event["deliveries"]]
    if len(states) > 1:
        told = ", ".join(f"{states.count(each)} {each}" for each in dict.fromkeys(states))
        return f"{_HEADLINES[event['outcome']].partition(':')[0]} ({told})"
    if event["outcome"] == EventOutcome.FAILED:
        return f"FAILED: out of attempts, the last one: {event['deliveries'][0]['note']}"
    if event["outcome"] == EventOutcome.REFUSED:
        return f"refused: {refusal(event['deliveries'][0]['note'] or '')}"
    return _HEADLINES[event["outcome"]]


def _accepted(event: Json) -> str:
    of = f" of type {event['type']}" if event["type"] else ""
    what = "A test event" if event["is_test"] else "An event"
    if event["type"] == COMMIT:
        return f"{clock(event['received_at'])}  A poll found a new commit: {event['note']}."
    several = f", {event['events_in_body']} events in one" if event["events_in_body"] > 1 else ""
    at = event["webhook_name"] or f"{event['webhook']}, which is deleted now"
    size = f"{event['size_bytes']} bytes{several}"
    return f"{clock(event['received_at'])}  {what}{of} was accepted at {at} ({size})."


def _decided(event: Json, now_ms: int) -> Iterator[str]:
    """How it was verified, or why not."""
    if event["state"] == EventState.WAITING:
        waited = about(now_ms - unix_ms(event["received_at"]))
        yield f"{_GAP}No worker has verified it yet, for {waited}."
        return
    at = clock(event["decided_at"] or event["received_at"])
    if reason := event["rejected_because"]:
        yield f"{at}  Rejected ({reason}): {_meaning(reason)}."
        if event["finding"]:
            yield f"{_GAP}{event['finding']['sentence']}"
    elif event["state"] == EventState.SET_ASIDE:
        yield f"{at}  Set aside, after its job had crashed three times."
    elif event["verified_by"]:
        yield f"{at}  Verified by {event['verified_by']}{_secret(event)}."
    elif event["left_home"]:
        yield f"{at}  {words.LEFT_HOME}"
    elif event["type"] == PUSH:
        yield f"{at}  Checked at the door by the Git receiver, as the repo's owner wishes."
    else:
        yield f"{at}  NOT VERIFIED: the webhook has no secret, so whoever knows its URL can send."
    if looks := words.looks_like(event):
        yield f"{_GAP}It looks like {looks}."
    if event["note"] and event["type"] != COMMIT:
        yield f"{_GAP}Note: {event['note']}."


def _secret(event: Json) -> str:
    return f" with the secret {event['secret']}" if event["secret"] else ""


def _meaning(reason: str) -> str:
    return REJECTIONS[Rejection(reason)].meaning if reason in set(Rejection) else reason


def _matched(event: Json) -> Iterator[str]:
    """Which subscriptions matched, which did not, and why."""
    if names := [each["subscription_name"] or "a removed one" for each in event["deliveries"]]:
        count = f"{len(names)} subscriptions" if len(names) > 1 else "the subscription"
        yield f"{_GAP}It matched {count} {', '.join(names)}."
    elif event["state"] == EventState.UNMATCHED and not event["passed_over"]:
        yield f"{_GAP}No subscription listened to this webhook."
    for line in words.passed_over(event):
        yield f"{_GAP}It passed over {line}."


def _body(event: Json) -> str:
    if event["body"] == "kept":
        until = day_and_time(event["body_until"])
        return f"Its body is kept, sealed and shown to nobody, until {until} at the latest."
    if event["outcome"] == EventOutcome.DELIVERED:
        return "Its body was deleted when it was delivered."
    return "Its body is deleted; there is nothing left that could be delivered."


def _advice(event: Json, now_ms: int) -> Iterator[str]:
    """What to do about the event itself; its deliveries have advice of their own."""
    webhook = event["webhook_name"]
    match event["state"]:
        case EventState.WAITING if now_ms - unix_ms(event["received_at"]) > _LONG_MS:
            yield "Workers of the queue 'events' are missing, suspended or busy: 'fleet status' says which."
        case EventState.REJECTED:
            reason = event["rejected_because"]
            if reason in set(Rejection) and not event["finding"]:
                yield REJECTIONS[Rejection(reason)].advice.format(webhook=webhook or "NAME")
            yield "Then let the sender send it again; a rejected event cannot be retried."
        case EventState.UNMATCHED if event["type"] != PUSH:
            subscribe = wish_for(webhook or "NAME", event["type"] or "")
            yield f"If you want such events: '{subscribe}'. Then let the sender send it again."
        case EventState.SET_ASIDE:
            yield "Find its cause in the log of the worker (event_crashed), mend it, and then:"
            yield f"'fleet events retry {event['id']}'"
        case EventState.EXPIRED:
            yield "Let the sender send it again, and see that workers run: 'fleet status'."
        case _:
            pass


def clock(moment: str) -> str:
    """The time of day of a moment, in UTC, to the millisecond."""
    return moment[11:23]
