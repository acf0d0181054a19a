"""Tools for webhooks that are there: listed, shown, tried."""

import asyncio
from typing import Annotated, Final

from pydantic import BaseModel, Field

from domain.outcome import EventOutcome
from domain.senders import SENDERS
from relay.mcp import strangers
from relay.mcp.desk import Desk, Json, Kept
from relay.mcp.events import Event, event_of, line
from relay.mcp.setting_up import secret_of, steps
from relay.mcp.subscriptions import Subscription, subscription_of
from relay.mcp.tool import Answer, Call, Effect, Nothing, Tool, Wish
from relay.mcp.wishes import Text, WebhookName

_MOST_PAGES: Final = 10
_PAGE: Final = "200"
_DECISION_S: Final = 10.0
_LOOK_S: Final = 0.2


class Webhook(BaseModel):
    """A public address."""

    name: str
    url: str | None = Field(description="What the sender calls. As good as a password.")
    sender: str
    description: str = Field(description="What its owner wrote about it.")
    paused: bool
    signature: str = Field(description="How its events are verified now.")
    events: int = Field(description="How many were accepted so far.")
    last_triggered: str | None


class Webhooks(BaseModel):
    """All webhooks of the gateway, oldest first."""

    webhooks: list[Webhook]
    more: bool = Field(description="Whether there are more than are listed.")


class Shown(Webhook):
    """A webhook with all that matters about it."""

    secrets: int = Field(description="How many signing secrets it has.")
    held: bool = Field(description="Whether a secret waits for 'fleet vault pull'.")
    hourly_limit: int
    used_this_hour: int
    refused_at_the_door: dict[str, int] = Field(description="In the last day, by reason.")
    subscriptions: list[Subscription] = Field(description="Who keeps its events.")
    set_up: list[str] = Field(description="What a person does at the sender, in order.")


class Tested(BaseModel):
    """What became of a test."""

    is_accepted: bool
    status: int = Field(description="The HTTP status of the public door.")
    event: Event | None = Field(description="Its story so far; none: it was not accepted.")


class OneWebhook(Wish):
    """Which webhook is meant."""

    name: WebhookName


class TestWebhook(OneWebhook):
    """A test to be sent."""

    event: Annotated[
        Text, Field(description="Event type, such as push; empty: the first that a subscription wants.")
    ] = ""


def webhook_of(view: Json) -> Webhook:
    """A webhook as the control API tells it."""
    return Webhook.model_validate({name: view[name] for name in Webhook.model_fields})


async def _list(call: Call, _: Nothing) -> Answer:
    views, is_more = await all_of(call.desk, "webhooks")
    found = Webhooks(webhooks=[webhook_of(each) for each in views], more=is_more)
    text = [_line(each) for each in found.webhooks]
    return Answer("\n".join(text or ["There is no webhook yet; create_webhook makes one."]), found)


def _line(found: Webhook) -> str:
    paused = ", paused" if found.paused else ""
    return f"{found.name}: {found.sender}, {found.signature}, {found.events} events{paused}"


async def all_of(desk: Desk, things: str) -> tuple[list[Json], bool]:
    """The first of the gateway's webhooks or subscriptions, and whether there are more."""
    found: list[Json] = []
    query = {"limit": _PAGE}
    for _ in range(_MOST_PAGES):
        page = await desk.ask("GET", things, query=query)
        found += page[things]
        if page["next"] is None:
            return found, False
        query["cursor"] = page["next"]
    return found, True


async def _show(call: Call, wish: OneWebhook) -> Answer:
    view = await call.desk.ask("GET", "webhooks", wish.name)
    subscriptions, _ = await all_of(call.desk, "subscriptions")
    name, is_held = view["name"], view["held"]
    kept = Kept("the gateway", name) if is_held else None
    has_none = not view["secrets"] and view["require_signature"]
    secret = secret_of(name, SENDERS.get(view["sender"]), kept, is_wanted=has_none)
    found = Shown(
        **webhook_of(view).model_dump(),
        secrets=len(view["secrets"] or ()),
        held=is_held,
        hourly_limit=view["hourly_limit"],
        used_this_hour=view["rate"]["used"],
        refused_at_the_door={reason: each["count"] for reason, each in view["refusals"].items()},
        subscriptions=[subscription_of(each) for each in subscriptions if name in each["webhooks"]],
        set_up=steps(view, secret, ()),
    )
    return Answer("\n".join(_told(found)), found)


def _told(found: Shown) -> list[str]:
    listeners = ", ".join(each.name for each in found.subscriptions) or "nobody: call subscribe"
    refused = ", ".join(f"{reason} {count}" for reason, count in found.refused_at_the_door.items())
    return [
        f"Webhook {found.name} of {found.sender}{', paused' if found.paused else ''}",
        f"URL: {found.url or 'unreadable: its sealing key is gone'}",
        f"Signature: {found.signature}",
        *([f"A secret waits at the gateway for 'fleet vault pull {found.name}'."] if found.held else []),
        f"Events: {found.events}, the last one: {found.last_triggered or 'never'}",
        f"In this hour: {found.used_this_hour} of {found.hourly_limit}",
        *([f"Refused at the door since yesterday: {refused}"] if refused else []),
        f"Its events go to: {listeners}",
        "At the sender:",
        *(f"{number}. {step}" for number, step in enumerate(found.set_up, 1)),
    ]


async def _test(call: Call, wish: TestWebhook) -> Answer:
    body: Json = {"event": wish.event} if wish.event else {}
    sent = await call.desk.ask("POST", "webhooks", wish.name, "test", body=body)
    event = None if sent["event"] is None else await _decided(call.desk, sent["event"])
    found = Tested(is_accepted=event is not None, status=sent["status"], event=event)
    if event is None:
        refusal = strangers.harmless(str(sent["answer"].get("detail", "")))
        return Answer(f"The public door refused the test with status {sent['status']}. {refusal}", found)
    text = ["The test was accepted; this is its story so far.", line(event)]
    text += [f"-> {each.subscription}: {each.state}" for each in event.deliveries]
    if event.outcome == EventOutcome.UNMATCHED:
        text.append("No subscription wants events like this one; 'event' chooses another type.")
    text.append(f'why_event(event="{event.id}") says more.')
    return Answer("\n".join(text), found)


async def _decided(desk: Desk, event: str) -> Event:
    """An event when a worker has looked at it, or as it is when none does for a while."""
    clock = asyncio.get_running_loop().time
    ends = clock() + _DECISION_S
    while True:
        view = await desk.ask("GET", "events", event)
        if view["outcome"] != EventOutcome.WAITING or clock() >= ends or desk.is_stopping:
            return event_of(view)
        await asyncio.sleep(_LOOK_S)


TOOLS = (
    Tool(
        "list_webhooks",
        "List webhooks",
        "All webhooks of the gateway: URL, sender, how they verify, how many events they had.",
        Effect.READS,
        is_open=False,
        wish=Nothing,
        result=Webhooks,
        run=_list,
    ),
    Tool(
        "show_webhook",
        "Show a webhook",
        "One webhook: its URL, how it verifies, who keeps its events, what its door refused, and how the"
        " sender is set up.",
        Effect.READS,
        is_open=False,
        wish=OneWebhook,
        result=Shown,
        run=_show,
    ),
    Tool(
        "test_webhook",
        "Send a test event",
        "Send an event of our own to a webhook's public URL, signed as its sender would, and say what became"
        " of it. Programs that get its events get this one, too.",
        Effect.ADDS,
        is_open=False,
        wish=TestWebhook,
        result=Tested,
        run=_test,
    ),
)
