"""Setting up a sender: what a person has to do there, step by step, and where the secret comes from."""

from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import BaseModel, Field

from domain import reach
from domain.senders import SENDERS, Sender
from relay.mcp.desk import Json, Kept
from relay.server.api.next_step import about_held

_JSON: Final = "Where it asks for a content type, choose application/json."


class Secret(BaseModel):
    """Where the signing secret is. The secret itself never passes through a tool."""

    kept: str = Field(description="vault, gateway (waits to be pulled once), sender (makes it), or none.")
    name: str | None = Field(description="Its name in the vault, or of the webhook that it waits for.")
    place: str | None = Field(description="Where that is, for people.")
    command: str | None = Field(description="What a person types in a terminal to get or to store it.")
    note: str | None = Field(description="Who else can read it there, or what went wrong.")


def secret_of(name: str, sender: Sender | None, kept: Kept | None, *, is_wanted: bool) -> Secret:
    """Where the secret of a new webhook is.

    Args:
        name: of the webhook.
        sender: who will call; None: the Git hosts, whose secrets belong to repos.
        kept: where the secret is that was made; None: none was.
        is_wanted: whether its events have to be signed.
    """
    if kept is not None and kept.is_in_vault:
        return Secret(
            kept="vault",
            name=kept.name,
            place=kept.place,
            command=f"fleet vault show {kept.name}",
            note=kept.note or None,
        )
    if kept is not None:
        pull = f"fleet vault pull {kept.name}"
        return Secret(kept="gateway", name=kept.name, place=kept.place, command=pull, note=kept.note or None)
    if sender is not None and sender.secret.issued and is_wanted:
        store = f"fleet webhooks set-secret {name}"
        return Secret(kept="sender", name=None, place=sender.title, command=store, note=None)
    return Secret(kept="none", name=None, place=None, command=None, note=None)


def steps(webhook: Json, secret: Secret, events: Sequence[str], next_step: str = "") -> list[str]:
    """What a person does at the sender, in order.

    Args:
        webhook: as the control API tells it.
        secret: where its secret is.
        events: globs of the event types that are wanted; none: all.
        next_step: what the control API says is to be done for a new webhook.
    """
    sender = SENDERS.get(webhook["sender"])
    before = _before(webhook["url"])
    if sender is None:
        enter = f"At each Git host, enter this URL as a webhook: {webhook['url']}"
        return [*before, enter, *filter(None, [next_step])]
    return [
        *before,
        *_at(sender, webhook),
        *about_secret(sender, webhook["name"], secret, next_step),
        _wanted(events),
    ]


def about_secret(sender: Sender, name: str, secret: Secret, next_step: str = "") -> list[str]:
    """What a person does with the secret of a webhook.

    Args:
        sender: who calls it.
        name: of the webhook.
        secret: where it is.
        next_step: what the control API says is to be done, whose own words about a vault are left out.
    """
    todo = next_step.removeprefix(about_held(name)).strip() or sender.secret.where
    match secret.kept:
        case "vault":
            read = f"A person reads it with '{secret.command}' in a terminal; it is in {secret.place}."
            return [f"The secret: {todo} {read}"]
        case "gateway":
            fetch = f"A person fetches it, once, with '{secret.command}' on the machine that is to have it"
            return [f"The secret: {todo} {fetch}, and reads it there with 'fleet vault show {secret.name}'."]
        case "sender" if not next_step:
            return [f"The secret: {todo} A person stores it with '{secret.command}', which asks for it."]
        case _:
            return [next_step] if next_step else []


def _before(url: str | None) -> list[str]:
    unreachable = reach.caution(url)
    return [f"{unreachable} Without one, only programs there can send; do this first."] if unreachable else []


def _at(sender: Sender, webhook: Json) -> Iterator[str]:
    name = sender.title.partition(" (")[0]
    if sender.key == "custom":
        yield f"Let the program that sends POST to this URL: {webhook['url']}"
        return
    page = sender.adding_url or sender.docs_url
    yield f"At {name}, add a webhook{f' ({page})' if page else ''} with this URL: {webhook['url']}"
    yield _JSON


def _wanted(events: Sequence[str]) -> str:
    return (
        f"Let it send these events: {', '.join(events)}." if events else "Choose there which events it sends."
    )
