"""The tool that deletes a webhook, and says what stays."""

from collections.abc import Iterator

from pydantic import BaseModel, Field

from domain.subscription import heard
from relay.mcp.desk import Json
from relay.mcp.tool import Answer, Call, Effect, Tool
from relay.mcp.webhooks import OneWebhook, all_of


class Deleted(BaseModel):
    """What is gone."""

    deleted: str = Field(description="Its name.")
    removed: list[str] = Field(description="The subscription of its name, if that heard nothing else.")
    deaf: list[str] = Field(description="Others that hear nothing any more: unsubscribe removes them.")
    vault: str | None = Field(description="What a person types to forget its secret; none: there was none.")


async def _delete(call: Call, wish: OneWebhook) -> Answer:
    view = await call.desk.ask("GET", "webhooks", wish.name)
    await call.desk.ask("DELETE", "webhooks", view["id"])
    subscriptions, _ = await all_of(call.desk, "subscriptions")
    deaf = {each["name"]: each["id"] for each in subscriptions if not heard(each["webhooks"])}
    removed = [] if (twin := deaf.pop(view["name"], None)) is None else [view["name"]]
    if twin is not None:
        # create_webhook made it; left behind, it would be in the way of the next one of this name.
        await call.desk.ask("DELETE", "subscriptions", twin)
    found = Deleted(
        deleted=view["name"], removed=removed, deaf=list(deaf), vault=_left_in_vault(view, wish.name)
    )
    return Answer(" ".join(_gone(found)), found)


def _left_in_vault(view: Json, name: str) -> str | None:
    """The command that forgets its secret, if one may be in the owner's vault: not one that was only held.

    It is for the name that the caller knows: the gateway's word could mean another secret of the vault.
    """
    given = len(view["secrets"] or ()) - (1 if view["held"] else 0)
    return f"fleet vault delete {name}" if given > 0 and name == view["name"] else None


def _gone(found: Deleted) -> Iterator[str]:
    yield (
        f"Webhook {found.deleted} is deleted: its URL is dead, and what waits of its events is cancelled."
        " Remove the webhook at the sender, too."
    )
    if found.removed:
        yield f"Subscription {found.deleted}, which heard nothing else, is removed with it."
    if found.deaf:
        yield f"These subscriptions hear nothing any more: {', '.join(found.deaf)}; unsubscribe removes them."
    if found.vault:
        yield f"If its secret is in a vault, it stays there: a person forgets it with '{found.vault}'."


TOOLS = (
    Tool(
        "delete_webhook",
        "Delete a webhook",
        "Delete a webhook. Its URL is dead at once, what waits of its events is cancelled, and its secrets"
        " are gone, and so is the subscription of its name, if that hears nothing else."
        " This cannot be undone: ask the user first.",
        Effect.REMOVES,
        is_open=False,
        wish=OneWebhook,
        result=Deleted,
        run=_delete,
    ),
)
