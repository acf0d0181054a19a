"""Filters: which events or deliveries a request means, and where in their list it goes on."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, cast, get_args

from domain.errors import InvalidInputError, UnknownThingError
from domain.ids import MAX_MOMENT_MS, is_delivery_id, is_id
from domain.outcome import EventOutcome, deliveries_of, states_of
from relay.server.api.inputs import MAX_FILTER_CHARS, FailureFilter
from relay.server.api.paging import limit_of
from relay.server.api.resource import Visit
from store import subscriptions, webhooks
from store.event_log import LogRule
from store.failures import START, Failing, FailureRule, Place

# RFC 3339, section 5.6, with a capital T and Z.
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
_OF_FAILURES: Final = ("webhook", "subscription", "type", "since", "until")
_PAGING: Final = ("limit", "cursor")
_ECHOED_CHARS: Final = 64


@dataclass(frozen=True, slots=True)
class EventsAsked:
    """What a request wants of the event log.

    Attributes:
        owner: whose log is looked at: the Gateway ID, or the id of one of its webhooks.
        rule: which events are wanted.
        outcome: what has to have become of them; None: anything.
        after: the event after which the page begins; "" for the newest.
        limit: how many there are to be on the page.
    """

    owner: str
    rule: LogRule
    outcome: EventOutcome | None
    after: str
    limit: int


@dataclass(frozen=True, slots=True)
class FailuresAsked:
    """What a request wants of the deliveries that are dead or wait for a retry.

    Attributes:
        state: which of the two.
        rule: which of them are wanted.
        after: where the page begins.
        limit: how many there are to be on the page.
    """

    state: Failing
    rule: FailureRule
    after: Place
    limit: int


async def of_events(visit: Visit) -> EventsAsked:
    """What GET /events asks for.

    Raises:
        InvalidInputError: a parameter is unknown, or makes no sense.
    """
    asked = _parameters(visit, ("webhook", "type", "outcome", "since", "until", *_PAGING))
    outcome = _outcome(asked.get("outcome", ""))
    rule = LogRule(
        _type(asked.get("type", "")),
        states_of(outcome) if outcome else (),
        deliveries_of(outcome) if outcome else (),
        moment_ms("since", asked.get("since", "")),
        moment_ms("until", asked.get("until", "")),
    )
    webhook = await _webhook(visit, asked.get("webhook", ""))
    return EventsAsked(
        webhook or visit.gateway.id, rule, outcome, _event(asked.get("cursor", "")), limit_of(visit)
    )


async def of_failures(visit: Visit) -> FailuresAsked:
    """What GET /deliveries asks for.

    Raises:
        InvalidInputError: a parameter is unknown, or makes no sense.
    """
    asked = _parameters(visit, ("state", *_OF_FAILURES, *_PAGING))
    state = asked.get("state") or "dead"
    if state not in get_args(Failing):
        raise InvalidInputError("state", "'state' is dead or retrying.")
    wish = FailureFilter(**{name: asked.get(name, "") for name in _OF_FAILURES})
    return FailuresAsked(
        cast("Failing", state), await rule_of(visit, wish), place_of(asked.get("cursor", "")), limit_of(visit)
    )


async def rule_of(visit: Visit, wish: FailureFilter) -> FailureRule:
    """A filter of deliveries, with names looked up.

    Raises:
        InvalidInputError: there is no such webhook or subscription, or a moment is none.
    """
    return FailureRule(
        await _webhook(visit, wish.webhook),
        await _subscription(visit, wish.subscription),
        _type(wish.type),
        moment_ms("since", wish.since),
        moment_ms("until", wish.until),
    )


def moment_ms(field: Literal["since", "until"], text: str) -> int:
    """A moment by RFC 3339 as Unix ms; 0 for "".

    Raises:
        InvalidInputError: it is none, or none since 1970.
    """
    if not text:
        return 0
    try:
        found = datetime.fromisoformat(text).timestamp() if _MOMENT.fullmatch(text) else 0
    except ValueError:
        found = 0
    if found <= 0:
        raise InvalidInputError(
            field, f"'{field}' is a moment as in 2026-01-31T12:00:00Z; in a URL, + is written %2B."
        )
    return min(max(1, round(found * 1000)), MAX_MOMENT_MS)


def cursor_of(place: Place) -> str:
    """The cursor that leads on behind a delivery."""
    return f"{place.at}.{place.delivery}"


def place_of(cursor: str) -> Place:
    """Where a cursor leads; "" to the beginning.

    Raises:
        InvalidInputError: it is none of ours.
    """
    if not cursor:
        return START
    at, _, delivery = cursor.partition(".")
    is_moment = re.fullmatch("[0-9]{1,16}", at) and int(at) <= MAX_MOMENT_MS
    if not (is_moment and is_delivery_id(delivery)):
        raise _no_cursor()
    return Place(delivery, int(at))


def _event(cursor: str) -> str:
    if cursor and not is_id("evt", cursor):
        raise _no_cursor()
    return cursor


def _no_cursor() -> InvalidInputError:
    return InvalidInputError("cursor", "That is no cursor: take 'next' of an answer as it is.")


def _parameters(visit: Visit, known: Collection[str]) -> dict[str, str]:
    """The parameters of a request. One that is misspelt would otherwise leave out nothing."""
    asked = visit.request.query_params
    for name, value in asked.multi_items():
        if name not in known:
            raise InvalidInputError(
                name[:_ECHOED_CHARS],
                f"{name[:_ECHOED_CHARS]!r} is no parameter here; there are {', '.join(known)}.",
            )
        if len(value) > MAX_FILTER_CHARS:
            raise InvalidInputError(name, f"{name!r} must have at most {MAX_FILTER_CHARS} characters.")
    if len(asked.multi_items()) > len(asked):
        raise InvalidInputError("", "A parameter is there for the second time; only one of them can count.")
    return dict(asked)


def _type(text: str) -> str:
    if "*" in text[:-1]:
        raise InvalidInputError("type", "'type' is an event type, or what it begins with and * at the end.")
    return text


def _outcome(text: str) -> EventOutcome | None:
    if not text:
        return None
    try:
        return EventOutcome(text)
    except ValueError:
        raise InvalidInputError("outcome", f"'outcome' is one of {', '.join(EventOutcome)}.") from None


async def _webhook(visit: Visit, wanted: str) -> str:
    if not wanted:
        return ""
    found = await visit.context.store.run(webhooks.find(visit.gateway.id, wanted))
    if found is None:
        raise InvalidInputError("webhook", str(UnknownThingError("webhook", wanted[:_ECHOED_CHARS])))
    return found.webhook.id


async def _subscription(visit: Visit, wanted: str) -> str:
    if not wanted:
        return ""
    found = await visit.context.store.run(subscriptions.find(visit.gateway.id, wanted))
    if found is None:
        raise InvalidInputError(
            "subscription", str(UnknownThingError("subscription", wanted[:_ECHOED_CHARS]))
        )
    return found.id
