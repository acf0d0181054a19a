"""What nothing can be done with in the due-set: it is told, and holds up nothing else."""

from dataclasses import replace

import pytest

from domain.delivery import Step
from store.sweeping import Unfit
from tests.world import HOUR_MS, World

UNKNOWN = [
    "", "rubbish", "x:thing", "e:", "ee:evt_1", "t:", "t:gateway alone", "w::", "s:gw_1:", b"\xff\xfe:\x00",
]  # fmt: skip


@pytest.mark.parametrize("member", UNKNOWN)
def test_a_member_of_no_known_form_is_taken_out_and_told(world: World, member: str | bytes) -> None:
    [event] = world.accept()
    world.command("ZADD", "fleet:due", 1, member)
    world.now += 72 * HOUR_MS
    written = member if isinstance(member, str) else member.decode(errors="backslashreplace")
    assert world.sweep().items == (Unfit(written, ""),)
    assert world.field(f"fleet:event:{event}", "state") == "expired"
    assert world.due() == []
    assert world.sweep().items == ()


def failed(world: World, step: Step) -> str:
    """A delivery whose attempt failed, due now."""
    taken = world.delivered(world.subscribe(step))
    if step is not Step.TAKE:
        world.settle(taken, step, world.now)
    return taken.delivery.id


@pytest.mark.parametrize("step", [Step.TAKE, Step.RETRY, Step.EXHAUST])
@pytest.mark.parametrize("missing", ["attempt", "tries", "event", "gateway"])
def test_a_delivery_without_its_facts_is_taken_out_and_told(world: World, step: Step, missing: str) -> None:
    delivery = failed(world, step)
    world.command("HDEL", f"fleet:delivery:{delivery}", missing)
    world.now += 60_000
    found = world.sweep().items
    assert Unfit(f"d:{delivery}", "") in found
    assert f"d:{delivery}" not in world.due()
    assert world.queue("deliveries") == []


@pytest.mark.parametrize("missing", ["gateway", "at", "job", "crashes"])
def test_an_event_without_its_facts_is_taken_out_and_told(world: World, missing: str) -> None:
    broken, sound = world.accept(2)
    world.command("HDEL", f"fleet:event:{broken}", missing)
    world.now += 72 * HOUR_MS
    assert world.sweep().items == (Unfit(f"e:{broken}", ""),)
    assert world.field(f"fleet:event:{sound}", "state") == "expired"
    assert world.due() == []


def test_a_record_of_another_type_is_put_off_and_told_again(world: World) -> None:
    broken, sound = world.accept(2)
    world.command("DEL", f"fleet:event:{broken}")
    world.command("SET", f"fleet:event:{broken}", "a string")
    world.now += 72 * HOUR_MS
    for _ in range(2):
        [item] = world.sweep().items
        assert isinstance(item, Unfit)
        assert item.member == f"e:{broken}"
        assert "WRONGTYPE" in item.error
        world.now += world.limits.recovery_ms
    assert world.field(f"fleet:event:{sound}", "state") == "expired"
    assert world.due() == [f"e:{broken}"]


def test_an_event_in_a_line_without_its_size_does_not_stop_the_lines(world: World) -> None:
    world.limits = replace(world.limits, fair=0)
    broken, sound = world.accept(2)
    world.command("HDEL", f"fleet:event:{broken}", "size")
    world.sweep()
    [job] = world.queue("events")
    assert world.field(f"fleet:event:{sound}", "job") == job
