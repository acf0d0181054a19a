"""Laws of what gateways own, over any sequence of changes: it is what a simple model says, and sending
every change twice is sending it once."""

from collections.abc import Callable
from dataclasses import dataclass, field

import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import NameTakenError, UnknownThingError
from domain.subscription import Subscription
from domain.webhook import Webhook
from store import subscriptions, webhooks
from store.calls import Call
from store.connect import SyncStore
from store.owned import Look
from store.webhooks import StoredWebhook

GATEWAYS = ("gw_1", "gw_2")
NAMES = ("a", "b")
Refusal = type[NameTakenError] | type[UnknownThingError] | None


@dataclass
class Model:
    """What there should be, by id, in the order in which it was made."""

    webhooks: dict[str, StoredWebhook] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    made: int = 0

    def next_number(self) -> int:
        self.made += 1
        return self.made

    def create_webhook(self, gateway: str, name: str, _: int) -> tuple[Call[None], Refusal]:
        number = self.next_number()
        webhook = Webhook(f"whk_{number:04}", gateway, name, "", "github", False, 1000, number, 1)  # noqa: FBT003
        stored = StoredWebhook(webhook, b"token", b"")
        call = webhooks.create(stored, f"hash {number}")
        if any(
            (each.webhook.gateway, each.webhook.name) == (gateway, name) for each in self.webhooks.values()
        ):
            return call, NameTakenError
        self.webhooks[webhook.id] = stored
        return call, None

    def delete_webhook(self, gateway: str, _: str, pick: int) -> tuple[Call[bool], Refusal]:
        webhook = f"whk_{pick % (self.made + 1):04}"
        if webhook in self.webhooks and self.webhooks[webhook].webhook.gateway == gateway:
            del self.webhooks[webhook]
        return webhooks.delete(gateway, webhook, 1), None

    def create_subscription(self, gateway: str, name: str, pick: int) -> tuple[Call[None], Refusal]:
        number = self.next_number()
        webhook = f"whk_{pick % number:04}"
        made = Subscription(f"sub_{number:04}", gateway, name, (webhook,), (), 30, number)
        call = subscriptions.create(made)
        if any((each.gateway, each.name) == (gateway, name) for each in self.subscriptions.values()):
            return call, NameTakenError
        if webhook not in self.webhooks or self.webhooks[webhook].webhook.gateway != gateway:
            return call, UnknownThingError
        self.subscriptions[made.id] = made
        return call, None

    def remove_subscription(self, gateway: str, _: str, pick: int) -> tuple[Call[bool], Refusal]:
        subscription = f"sub_{pick % (self.made + 1):04}"
        if subscription in self.subscriptions and self.subscriptions[subscription].gateway == gateway:
            del self.subscriptions[subscription]
        return subscriptions.remove(gateway, subscription, 1), None


Change = Callable[[Model, str, str, int], tuple[Call[object], Refusal]]
CHANGES: list[Change] = [
    Model.create_webhook,
    Model.delete_webhook,
    Model.create_subscription,
    Model.remove_subscription,
]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(CHANGES), st.sampled_from(GATEWAYS), st.sampled_from(NAMES), st.integers(0, 50)
    ),
    max_size=25,
)


def snapshot(client: redis.Redis) -> dict[bytes, bytes]:
    return {key: client.execute_command("DUMP", key) for key in client.execute_command("KEYS", "*")}


def send(store: SyncStore, call: Call[object], refusal: Refusal) -> None:
    try:
        store.run(call)
    except (NameTakenError, UnknownThingError) as error:
        assert type(error) is refusal  # noqa: PT017 - the model says which
    else:
        assert refusal is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_store_is_what_the_model_says_and_twice_is_once(
    redis_url: str, steps: list[tuple[Change, str, str, int]]
) -> None:
    store, model = SyncStore(redis_url), Model()
    store.client.execute_command("FLUSHALL")
    for change, gateway, name, pick in steps:
        call, refusal = change(model, gateway, name, pick)
        send(store, call, refusal)
        once = snapshot(store.client)
        send(store, call, refusal)
        assert snapshot(store.client) == once
    for gateway in GATEWAYS:
        assert store.run(webhooks.part_of(gateway, Look(200))).things == [
            each for each in model.webhooks.values() if each.webhook.gateway == gateway
        ]
        assert store.run(subscriptions.part_of(gateway, Look(200))).things == [
            each for each in model.subscriptions.values() if each.gateway == gateway
        ]
    ids = list(model.webhooks)
    assert store.run(subscriptions.routes(ids)) == [
        tuple(each for each in model.subscriptions.values() if webhook in each.webhooks) for webhook in ids
    ]
    store.close()
