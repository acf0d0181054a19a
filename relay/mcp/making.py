"""Tools that make webhooks and their secrets. The secrets go to the owner's vault, never into an answer."""

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import BaseModel, Field

from domain.errors import FleetError
from domain.secret import DEFAULT_GRACE_S, MAX_GRACE_S
from domain.senders import SENDERS
from relay.mcp.cursor import START
from relay.mcp.desk import Desk, Json, Kept
from relay.mcp.setting_up import Secret, about_secret, secret_of, steps
from relay.mcp.subscriptions import Subscription, made, told
from relay.mcp.tool import Answer, Call, Effect, Tool, Wish
from relay.mcp.wishes import Globs, Text, WebhookName

_WILD: Final = frozenset("*?[]")
_OF_URL: Final = "The URL is as good as a password: whoever knows it can send."


class NewWebhook(BaseModel):
    """A webhook that was made, and all that is to be done next."""

    name: str
    url: str = Field(description="What the sender is to call. As good as a password.")
    sender: str
    signature: str = Field(description="How its events are verified now.")
    secret: Secret
    set_up: list[str] = Field(description="What a person does at the sender, in order.")
    subscription: Subscription | None = Field(description="Who keeps its events; none: nobody.")
    after: str = Field(description="Pass this to wait_for_event: it returns everything from the beginning.")
    next_step: str


class Rotated(BaseModel):
    """A webhook with a new secret."""

    name: str
    secret: Secret
    set_up: list[str] = Field(description="What a person does at the sender, in order.")


class CreateWebhook(Wish):
    """A webhook to be made."""

    name: Annotated[Text, Field(description="What to call it: a-z, 0-9, '.', '_' and '-'.")]
    description: Annotated[Text, Field(description="What it is for, in a line.")] = ""
    sender: Annotated[
        Text,
        Field(description="Who will call: github, gitlab, stripe, slack, ...; custom: a program that signs."),
    ] = "custom"
    events: Globs = ()
    require_signature: Annotated[
        bool | None,
        Field(
            description="Whether everything unsigned is rejected. Left out: yes, wherever the sender signs."
        ),
    ] = None


class RotateSecret(Wish):
    """A secret to be replaced."""

    name: WebhookName
    grace_s: Annotated[
        int, Field(ge=0, le=MAX_GRACE_S, description="Seconds for which the old one counts, too.")
    ] = DEFAULT_GRACE_S


async def _create(call: Call, wish: CreateWebhook) -> Answer:
    sender = SENDERS.get(wish.sender)
    is_required = wish.require_signature
    if is_required is None:
        is_required = sender is not None and bool(sender.schemes)
    found = await call.desk.ask(
        "POST",
        "webhooks",
        body={
            "name": wish.name,
            "description": wish.description,
            "sender": wish.sender,
            "require_signature": is_required,
            "hold_secret": is_required,
        },
    )
    kept = await call.desk.keep(wish.name) if found["held"] else None
    secret = secret_of(found["name"], sender, kept, is_wanted=is_required)
    subscription, trouble = await _subscribed(call.desk, found["name"], wish)
    answer = NewWebhook(
        name=found["name"],
        url=found["url"],
        sender=found["sender"],
        signature=found["signature"],
        secret=secret,
        set_up=steps(found, secret, wish.events, found["next_step"]),
        subscription=subscription,
        after=START,
        next_step=_next(found["name"], secret, wish.events, is_git=sender is None),
    )
    return Answer(_told(answer, told(subscription) if subscription else trouble), answer)


async def _rotate(call: Call, wish: RotateSecret) -> Answer:
    body: Json = {"grace_s": wish.grace_s, "hold": True}
    found = await call.desk.ask("POST", "webhooks", wish.name, "secrets", body=body)
    name = found["name"]
    # Under an id nobody would look for it in the vault, and of names only those count that the caller knows.
    kept = Kept("the gateway", name) if found["held"] else None
    if kept is not None and name == wish.name:
        kept = await call.desk.keep(name)
    sender = SENDERS[found["sender"]]
    secret = secret_of(name, sender, kept, is_wanted=True)
    answer = Rotated(name=name, secret=secret, set_up=about_secret(sender, name, secret, found["next_step"]))
    text = [f"Webhook {answer.name} has a new secret.", *_of_secret(secret), *_numbered(answer.set_up)]
    return Answer("\n".join(text), answer)


async def _subscribed(desk: Desk, name: str, wish: CreateWebhook) -> tuple[Subscription | None, str]:
    """A subscription of the same name, so that nothing is lost; or a sentence about why there is none."""
    try:
        return await made(desk, {"name": name, "webhooks": [name], "events": list(wish.events)}), ""
    except FleetError as error:
        return None, f"No subscription keeps its events yet: {error} Call subscribe with another name."


def _told(answer: NewWebhook, subscription: str) -> str:
    head = [
        f"Webhook {answer.name} is ready.",
        f"URL: {answer.url}",
        _OF_URL,
        f"Signature: {answer.signature}.",
    ]
    steps = ["", "What a person does now:", *_numbered(answer.set_up)]
    return "\n".join([*head, *_of_secret(answer.secret), *steps, "", subscription, answer.next_step])


def _numbered(found: list[str]) -> list[str]:
    return [f"{number}. {step}" for number, step in enumerate(found, 1)]


def _of_secret(secret: Secret) -> list[str]:
    note = [secret.note] if secret.note else []
    match secret.kept:
        case "vault":
            here = f"Its secret is in {secret.place}, under the name {secret.name}; it is not shown here."
            return [here, *note]
        case "gateway":
            return [f"Its secret waits at the gateway for '{secret.command}'; it is not shown here.", *note]
        case "sender":
            return [f"Its secret comes from {secret.place}; until it is stored, every event is rejected."]
        case _:
            return []


def _next(name: str, secret: Secret, events: Sequence[str], *, is_git: bool) -> str:
    wait = f'wait_for_event(webhook="{name}", after="{START}") waits for the first event.'
    if secret.kept == "sender":
        return f"When the secret is stored: {wait}"
    if is_git:
        return wait
    plain = [each for each in events if not set(each) & _WILD]
    # Of globs the test itself finds one that is wanted.
    event = f', event="{plain[0]}"' if plain else ""
    return f'test_webhook(name="{name}"{event}) tries the way with a signed event of our own; {wait}'


TOOLS = (
    Tool(
        "create_webhook",
        "Create a webhook",
        "Make a public URL for a sender, with a signing secret that goes to the owner's vault, and a"
        " subscription that keeps the events. One call: the answer says how to set up the sender, where the"
        " secret is, and what to do next. Pass the steps on to the user.",
        Effect.ADDS,
        is_open=True,
        wish=CreateWebhook,
        result=NewWebhook,
        run=_create,
    ),
    Tool(
        "rotate_secret",
        "Rotate a signing secret",
        "Make a new signing secret for a webhook; the old one counts for a while, too. The new one goes to"
        " the owner's vault, and a person enters it at the sender before the old one ends.",
        Effect.CHANGES,
        is_open=False,
        wish=RotateSecret,
        result=Rotated,
        run=_rotate,
    ),
)
