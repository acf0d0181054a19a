"""Tools for subscriptions: who wants which events. What is done with them is decided on the private side."""

from typing import Annotated

from pydantic import BaseModel, Field

from domain.expression.language import MAX_EXPRESSION_CHARS
from domain.subscription import DEFAULT_TIMEOUT_S, MAX_TIMEOUT_S
from relay.mcp.desk import Desk, Json
from relay.mcp.tool import Answer, Call, Effect, Tool, Wish
from relay.mcp.wishes import Globs, Name, Text, Texts


class Subscription(BaseModel):
    """Who wants which events. They are kept until a connector with this name brings them to a program."""

    name: str
    webhooks: list[str] = Field(description="Names of the webhooks that it listens to.")
    events: list[str] = Field(description="Globs of event types; none: every event.")
    senders: list[str] = Field(description="Senders; none: all.")
    expression: str = Field(description="CEL that has to be true; empty: none.")
    timeout_s: int = Field(description="Seconds that one attempt may take.")


class Removed(BaseModel):
    """What is gone."""

    removed: str = Field(description="Its name.")


class Subscribe(Wish):
    """A subscription to be made."""

    name: Annotated[Text, Field(description="What to call it: a-z, 0-9, '.', '_' and '-'.")]
    webhooks: Annotated[Texts, Field(min_length=1, description="Names of the webhooks to listen to.")]
    events: Globs = ()
    senders: Annotated[
        Texts, Field(description="Only events of these senders, such as github; none: of all.")
    ] = ()
    expression: Annotated[
        str,
        Field(
            max_length=MAX_EXPRESSION_CHARS,
            description="CEL that has to be true, over body, headers and event, such as"
            " body.action == 'opened'; empty: none.",
        ),
    ] = ""
    timeout_s: Annotated[
        int, Field(ge=1, le=MAX_TIMEOUT_S, description="Seconds that one attempt may take.")
    ] = DEFAULT_TIMEOUT_S


class Unsubscribe(Wish):
    """A subscription to be removed."""

    name: Annotated[Name, Field(description="Name or id of the subscription.")]


def subscription_of(view: Json) -> Subscription:
    """A subscription as the control API tells it."""
    return Subscription.model_validate({name: view[name] for name in Subscription.model_fields})


async def made(desk: Desk, wish: Json) -> Subscription:
    """Make a subscription.

    Raises:
        FleetError: the control API refused.
    """
    return subscription_of(await desk.ask("POST", "subscriptions", body=wish))


def told(subscription: Subscription) -> str:
    """A subscription in two sentences."""
    what = f"events {', '.join(subscription.events)}" if subscription.events else "every event"
    what += f" for which {subscription.expression} is true" if subscription.expression else ""
    name, of = subscription.name, ", ".join(subscription.webhooks)
    until = "until somebody connects, or the retention ends (72 hours unless it is set otherwise)"
    return (
        f"Subscription {name} gets {what} of {of}, and keeps them {until}. To bring them to a program, a"
        f" person runs 'fleet connect {name}=http://127.0.0.1:3000/'."
    )


async def _subscribe(call: Call, wish: Subscribe) -> Answer:
    found = await made(
        call.desk,
        {
            "name": wish.name,
            "webhooks": list(wish.webhooks),
            "events": list(wish.events),
            "senders": list(wish.senders),
            "expression": wish.expression,
            "timeout_s": wish.timeout_s,
        },
    )
    return Answer(told(found), found)


async def _unsubscribe(call: Call, wish: Unsubscribe) -> Answer:
    found = await call.desk.ask("GET", "subscriptions", wish.name)
    await call.desk.ask("DELETE", "subscriptions", found["id"])
    text = f"Subscription {found['name']} is removed; what waited for it is cancelled."
    return Answer(text, Removed(removed=found["name"]))


TOOLS = (
    Tool(
        "subscribe",
        "Subscribe to events",
        "Keep matching events of webhooks for a program on the private side, under a name. What runs there is"
        " configured there; no tool can.",
        Effect.ADDS,
        is_open=False,
        wish=Subscribe,
        result=Subscription,
        run=_subscribe,
    ),
    Tool(
        "unsubscribe",
        "Remove a subscription",
        "Remove a subscription. Its waiting deliveries are cancelled and cannot be brought back.",
        Effect.REMOVES,
        is_open=False,
        wish=Unsubscribe,
        result=Removed,
        run=_unsubscribe,
    ),
)
