"""What doors have refused: added up by webhook and reason, over a day, each note once."""

from store import refusals, webhooks
from store.refusals import Refusals, Refused
from tests.world import HOUR_MS, World


def told(world: World, now_ms: int | None = None) -> dict[str, Refusals]:
    [found] = world.run(refusals.of([world.webhook.id], world.now if now_ms is None else now_ms))
    return found


def note(world: World, note_id: str, reason: str, times: int, webhook: str = "") -> bool:
    refused = Refused(webhook or world.webhook.id, reason, times, world.now)
    return world.run(refusals.note(note_id, [refused], world.now))


def test_the_notes_of_several_doors_add_up(world: World) -> None:
    assert note(world, "n1", "paused", 2)
    world.now += 1000
    assert note(world, "n2", "paused", 3)
    assert note(world, "n3", "limited", 1)
    assert told(world) == {"limited": Refusals(1, world.now), "paused": Refusals(5, world.now)}


def test_a_note_counts_once(world: World) -> None:
    assert note(world, "n1", "paused", 2)
    assert not note(world, "n1", "paused", 2)
    assert told(world)["paused"].times == 2


def test_what_is_older_than_a_day_is_forgotten(world: World) -> None:
    note(world, "n1", "paused", 2)
    begin = world.now
    assert "paused" in told(world, begin + 23 * HOUR_MS)
    assert told(world, begin + 25 * HOUR_MS) == {}
    world.now = begin + 26 * HOUR_MS
    note(world, "n2", "paused", 1)
    assert told(world) == {"paused": Refusals(1, world.now)}
    # What is not told any more does not stay in Redis either.
    assert world.command("HLEN", f"fleet:refused:{world.webhook.id}") == 2
    assert world.command("TTL", f"fleet:refused:{world.webhook.id}") == 25 * 3600


def test_nothing_is_remembered_of_a_webhook_that_is_gone(world: World) -> None:
    assert note(world, "n1", "paused", 1, webhook="whk_gone")
    assert world.command("KEYS", "fleet:refused:*") == []
    note(world, "n2", "paused", 1)
    world.run(webhooks.delete(world.gateway, world.webhook.id, world.now))
    assert world.command("KEYS", "fleet:refused:*") == []
