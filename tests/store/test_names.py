"""Names of webhooks and subscriptions by their ids."""

from store import names, subscriptions
from tests.world import World


def test_what_is_there_has_a_name_and_what_is_gone_none(world: World) -> None:
    one, two = world.subscribe("one"), world.subscribe("two")
    world.run(subscriptions.remove(world.gateway, two, world.now))
    found = world.run(names.of([one, two, world.webhook.id, one]))
    assert found == {one: "one", world.webhook.id: "hook"}


def test_no_ids_have_no_names(world: World) -> None:
    assert world.run(names.of([])) == {}
