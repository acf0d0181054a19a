"""Names: what owners call their webhooks and subscriptions, by the ids of these."""

from collections.abc import Collection

from store import keys
from store.calls import Call, text


def of(ids: Collection[str]) -> Call[dict[str, str]]:
    """The names of those that are still there. Whose they are is the caller's concern."""
    wanted = tuple(dict.fromkeys(ids))
    commands = tuple(("HGET", _key(each), "name") for each in wanted)
    return Call(
        commands,
        lambda replies: {each: text(name) for each, name in zip(wanted, replies, strict=True) if name},
    )


def _key(thing: str) -> str:
    return keys.subscription(thing) if thing.startswith("sub_") else keys.webhook(thing)
