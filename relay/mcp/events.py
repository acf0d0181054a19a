"""Tools for events and deliveries: which there were, what became of one, and trying the dead again."""

from typing import Annotated, Final

from pydantic import BaseModel, Field

from domain.errors import InvalidInputError
from domain.outcome import EventOutcome
from relay.mcp import strangers
from relay.mcp.desk import Desk, Json
from relay.mcp.strangers import BySender
from relay.mcp.tool import Answer, Call, Effect, Tool, Wish
from relay.mcp.wishes import Name, OfWebhook, Since, Text, Texts, Type, Until, moment

_MOST_RETRIED: Final = 200


class Delivery(BaseModel):
    """The duty to bring an event to a subscription."""

    id: str
    subscription: str | None
    state: str
    attempts: int
    note: str | None = Field(description="What the last attempt came to.")


class Event(BaseModel):
    """An event, as far as it may be shown: metadata. Its body is shown to nobody."""

    id: str
    webhook: str | None
    received_at: str
    outcome: str
    verified_by: str | None = Field(description="The signing scheme that verified it; none: NOT verified.")
    rejected_because: str | None
    is_test: bool
    size_bytes: int
    by_sender: BySender
    deliveries: list[Delivery]


class Events(BaseModel):
    """Events, newest first."""

    events: list[Event]
    cursor: str | None = Field(description="Pass it to see older ones; none: there are none.")


class Account(BaseModel):
    """What became of an event."""

    event: Event
    headline: str
    steps: list[str]
    advice: list[str]


class Retried(BaseModel):
    """What became of a wish to retry."""

    retried: int
    skipped: list[str] = Field(description="Ids of deliveries that were not, with the reason.")
    cursor: str | None = Field(description="Pass it with 'until' to go on; none: that was all.")
    until: str


class ListEvents(Wish):
    """Which events are wanted."""

    webhook: OfWebhook = ""
    type: Type = ""
    outcome: Annotated[EventOutcome | None, Field(description="What became of them; left out: any.")] = None
    since: Since = ""
    until: Until = ""
    limit: Annotated[int, Field(ge=1, le=100, description="How many at most.")] = 20
    cursor: Annotated[Text, Field(description="'cursor' of an answer, to see older ones.")] = ""


class WhyEvent(Wish):
    """Which event is meant."""

    event: Annotated[Name, Field(description="Its id: evt_...")]


class RetryDeliveries(Wish):
    """Which dead deliveries are to be tried again: named ones, or those that a filter leaves, or all."""

    deliveries: Annotated[Texts, Field(description="Ids of deliveries: dlv_... Empty: by the filter.")] = ()
    webhook: OfWebhook = ""
    subscription: Annotated[Text, Field(description="Only those of this subscription. Empty: any.")] = ""
    type: Type = ""
    since: Since = ""
    until: Until = ""
    all: Annotated[bool, Field(description="All dead ones, when there is no filter.")] = False
    limit: Annotated[int, Field(ge=1, le=_MOST_RETRIED, description="How many at most.")] = _MOST_RETRIED
    cursor: Annotated[Text, Field(description="'cursor' of an answer, to go on; with its 'until'.")] = ""


def event_of(view: Json) -> Event:
    """An event as the control API tells it."""
    return Event(
        id=view["id"],
        webhook=view["webhook_name"],
        received_at=view["received_at"],
        outcome=view["outcome"],
        verified_by=view["verified_by"],
        rejected_because=view["rejected_because"],
        is_test=view["is_test"],
        size_bytes=view["size_bytes"],
        by_sender=strangers.by_sender(view),
        deliveries=[_delivery(each) for each in view["deliveries"]],
    )


def line(event: Event) -> str:
    """An event in a line."""
    kind = f'"{event.by_sender.type}"' if event.by_sender.type else "none"
    verified = f"verified by {event.verified_by}" if event.verified_by else "NOT VERIFIED"
    because = f" ({event.rejected_because})" if event.rejected_because else ""
    test = ", a test" if event.is_test else ""
    return (
        f"{event.id}  {event.received_at}  webhook {event.webhook or '(deleted)'}  type {kind}"
        f"  {verified}  {event.outcome}{because}{test}"
    )


def lines(events: list[Event]) -> list[str]:
    """Events, a line each, below the warning that they need."""
    return [strangers.WARNING, *map(line, events)] if events else []


def _delivery(view: Json) -> Delivery:
    note = view["note"]
    return Delivery(
        id=view["id"],
        subscription=view["subscription_name"],
        state=view["state"] or "unknown",
        attempts=view["attempts"],
        note=strangers.harmless(note) if note else None,
    )


async def _list(call: Call, wish: ListEvents) -> Answer:
    query = {
        "webhook": wish.webhook,
        "type": wish.type,
        "outcome": wish.outcome or "",
        "since": moment("since", wish.since, call.desk.now_ms()),
        "until": moment("until", wish.until, call.desk.now_ms()),
        "limit": str(wish.limit),
        "cursor": wish.cursor,
    }
    page = await call.desk.ask("GET", "events", query=_given(query))
    found = Events(events=[event_of(each) for each in page["events"]], cursor=page["next"])
    more = [f'Older ones: list_events(cursor="{found.cursor}") with the same filter.'] if found.cursor else []
    return Answer("\n".join([*(lines(found.events) or ["There is no such event."]), *more]), found)


async def _why(call: Call, wish: WhyEvent) -> Answer:
    view = await call.desk.ask("GET", "events", wish.event)
    told = call.desk.account(strangers.disarmed(view), await _served(call.desk, view))
    steps = [step for step in told.steps if step.strip()]
    found = Account(
        event=event_of(view),
        headline=told.headline,
        steps=[step.strip() for step in steps],
        advice=list(told.advice),
    )
    advice = ["What to do:", *told.advice] if told.advice else []
    head = [strangers.WARNING, f"{found.event.id} is {told.headline}."]
    return Answer("\n".join([*head, *steps, *advice]), found)


async def _served(desk: Desk, view: Json) -> frozenset[str]:
    """Names of the subscriptions that somebody serves now; asked only where it matters."""
    if all(each["state"] != "queued" for each in view["deliveries"]):
        return frozenset()
    status = await desk.ask("GET", "status")
    return frozenset(name for tunnel in status["tunnels"] for name in tunnel["subscriptions"])


async def _retry(call: Call, wish: RetryDeliveries) -> Answer:
    answer = await call.desk.ask("POST", "deliveries", "retry", body=_meant(wish, call.desk.now_ms()))
    skipped = [f"{each['id']}: {each['because']}" for each in answer["skipped"]]
    found = Retried(retried=answer["done"], skipped=skipped, cursor=answer["next"], until=answer["until"])
    text = [f"{found.retried} dead deliveries are tried again."]
    text += [f"Not those: {', '.join(skipped)}."] if skipped else []
    text += (
        [f'There are more: go on with cursor="{found.cursor}" and until="{found.until}".']
        if found.cursor
        else []
    )
    return Answer("\n".join(text), found)


def _meant(wish: RetryDeliveries, now_ms: int) -> Json:
    names = ("webhook", "subscription", "type", "since")
    moments = {name: moment(name, getattr(wish, name), now_ms) for name in ("since", "until")}
    wish = wish.model_copy(update=moments)
    wished = _given({name: getattr(wish, name) for name in names})
    if wish.deliveries:
        if wished:
            raise InvalidInputError("deliveries", "Name deliveries, or give a filter; not both.")
        return {"deliveries": list(wish.deliveries)}
    if not (wished or wish.until or wish.all):
        raise InvalidInputError("deliveries", "Name deliveries, or give a filter, or say all=true.")
    more = _given({"cursor": wish.cursor, "until": wish.until})
    return {"filter": wished, "limit": wish.limit, **more}


def _given(found: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in found.items() if value}


TOOLS = (
    Tool(
        "list_events",
        "List events",
        "The events that webhooks have accepted, newest first, and what became of them. Metadata only.",
        Effect.READS,
        is_open=True,
        wish=ListEvents,
        result=Events,
        run=_list,
    ),
    Tool(
        "why_event",
        "Say why an event did or did not arrive",
        "Every decision and every attempt of one event in plain sentences, and what to do next.",
        Effect.READS,
        is_open=True,
        wish=WhyEvent,
        result=Account,
        run=_why,
    ),
    Tool(
        "retry_deliveries",
        "Try dead deliveries again",
        "Send dead deliveries (out of attempts) once more: those that are named, or those that a filter"
        " leaves. The program at the other end may have had them before.",
        Effect.CHANGES,
        is_open=False,
        wish=RetryDeliveries,
        result=Retried,
        run=_retry,
    ),
)
