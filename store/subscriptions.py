"""Subscriptions in Redis: who wants which events, and the routes from webhooks to them."""

import json
from collections.abc import Sequence

from domain.errors import UnknownThingError
from domain.limits import DEFAULTS
from domain.subscription import Subscription
from store import owned
from store.calls import Call, Reply, one, text
from store.owned import Look, Part, Row, rows
from store.scripts import load


def create(subscription: Subscription, most: int = DEFAULTS.subscriptions) -> Call[None]:
    """Record a subscription, its routes and its stream.

    Args:
        subscription: the subscription.
        most: how many subscriptions a gateway without a limit of its own may have.

    Raises:
        NameTakenError: another subscription of the gateway has that name.
        UnknownThingError: it names a webhook that its gateway does not have.
        LimitReachedError: the gateway has too many subscriptions.
    """
    command = load("create_subscription").command(
        subscription.id,
        subscription.gateway,
        subscription.name,
        most,
        json.dumps(subscription.webhooks),
        json.dumps(subscription.event_types),
        subscription.timeout_s,
        subscription.created_at,
        *_further(subscription),
    )

    def known(reply: Reply) -> None:
        if isinstance(reply, bytes):
            raise UnknownThingError("webhook", text(reply))

    return owned.create("subscription", subscription.name, command).then(known)


def part_of(gateway: str, look: Look) -> Call[Part[Subscription]]:
    """Some subscriptions of a gateway, oldest first."""
    return owned.part_of("subscription", gateway, look, _subscription)


def find(gateway: str, name_or_id: str) -> Call[Subscription | None]:
    """The gateway's subscription of that name, else of that id; None when it has none."""
    call = owned.find("subscription", gateway, name_or_id)
    return call.then(lambda row: _subscription(row) if row else None)


def remove(gateway: str, subscription: str, now_ms: int) -> Call[bool]:
    """Remove a subscription: no event is fanned out to it any more. False when the gateway has none such.

    Its stream and the deliveries in it are due for the sweeper at `now_ms`, Unix ms.
    """
    return one(load("remove_subscription").command(gateway, subscription, now_ms), bool)


def routes(webhook_ids: Sequence[str]) -> Call[list[tuple[Subscription, ...]]]:
    """For each webhook, the subscriptions that listen to it, oldest first."""

    def parse(reply: Reply) -> list[tuple[Subscription, ...]]:
        return [tuple(_subscription(row) for row in rows(listeners)) for listeners in reply]

    return one(load("routes").command(*webhook_ids), parse)


def _further(subscription: Subscription) -> list[str]:
    """Names and values of what few subscriptions have."""
    senders = ["senders", json.dumps(subscription.senders)] if subscription.senders else []
    expression = ["expression", subscription.expression] if subscription.expression else []
    lingers = ["linger_s", str(subscription.linger_s)] if subscription.linger_s else []
    return senders + expression + lingers


def _subscription(row: Row) -> Subscription:
    subscription_id, fields = row
    return Subscription(
        id=subscription_id,
        gateway=text(fields["gateway"]),
        name=text(fields["name"]),
        webhooks=tuple(json.loads(fields["webhooks"])),
        event_types=tuple(json.loads(fields["event_types"])),
        timeout_s=int(fields["timeout_s"]),
        created_at=int(fields["created_at"]),
        senders=tuple(json.loads(fields.get("senders", b"[]"))),
        expression=text(fields.get("expression")),
        linger_s=int(fields.get("linger_s", 0)),
    )
