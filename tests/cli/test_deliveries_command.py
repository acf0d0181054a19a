"""`fleet deliveries`: what failed is listed, retried and discarded; the real control API, a real Redis."""

import re
from pathlib import Path

import pytest

from cli.exits import Exit
from domain.delivery import Step
from store.decisions import Decision
from tests.command_line import Fleet
from tests.terminal import on_a_terminal
from tests.the_dead import die
from tests.world import World


def event_of(delivery: str) -> str:
    return f"evt_{delivery.split('_')[1]}"


def test_the_list_says_how_many_failed_why_and_how_to_retry(
    fleet: Fleet, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.answers.UNLIMITED", 80)
    app = world.subscribe("app")
    [slow] = die(world, app, note="timeout")
    dead = die(world, app, 2)
    done = fleet("deliveries", "list")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("3 failed deliveries (500: 2, timeout: 1).\n")
    rows = [line for line in done.out.splitlines() if "evt_" in line]
    assert max(map(len, rows)) <= 80
    assert {row.split()[-1] for row in rows} == {event_of(each) for each in [slow, *dead]}
    assert "'fleet deliveries retry --all'" in done.out
    some = fleet("deliveries", "list", "--subscription", "app", "--limit", "1").out
    assert "'fleet deliveries retry --subscription app'" in some
    again = re.search(r"'fleet (deliveries list .* --cursor .*)'", some)
    assert again is not None
    assert "evt_" in fleet(*again[1].split()).out


def test_nothing_failed_is_said_so(fleet: Fleet, world: World) -> None:
    assert fleet("deliveries", "list").out == "No delivery has failed.\n"
    assert fleet("deliveries", "list", "--retrying").out == "No delivery is being retried.\n"
    assert fleet("deliveries", "list", "--webhook", "hook").out == "No delivery fits.\n"
    assert fleet("deliveries", "retry", "--all").out == "Nothing to do: none of these has failed.\n"
    assert world.counts() == {}


def test_what_is_retried_by_itself_says_when(fleet: Fleet, world: World) -> None:
    taken = world.delivered(world.subscribe("app"))
    world.settle(taken, Step.RETRY, world.now + 3_600_000)
    row = next(line for line in fleet("deliveries", "list", "--retrying").out.splitlines() if "evt_" in line)
    assert " in 60 m " in row
    [told] = fleet("deliveries", "list", "--retrying", "--json").json["deliveries"]
    assert told["id"] == taken.delivery.id


def test_one_is_shown_with_its_attempts(fleet: Fleet, world: World) -> None:
    [dead] = die(world, world.subscribe("app"))
    shown = fleet("deliveries", "show", dead).out
    assert re.search(r"^  State +dead$", shown, re.MULTILINE)
    assert re.search(
        r"^1 +exhausted +the program answered 500 \(Internal Server Error\)", shown, re.MULTILINE
    )
    assert fleet("deliveries", "show", dead, "--json").json["history"][0]["note"] == "500"
    assert fleet("deliveries", "show", "dlv_nothing").code == Exit.FAILED


def test_an_event_stands_for_all_that_failed_of_it(fleet: Fleet, world: World) -> None:
    [dead, other] = die(world, world.subscribe("app"), 2)
    done = fleet("deliveries", "retry", event_of(dead), other)
    assert (done.code, done.out) == (0, "2 retried.\n")
    assert world.counts()["delivery:in_flight"] == 2


def test_an_event_of_which_nothing_failed_says_what_it_is(fleet: Fleet, world: World) -> None:
    app = world.subscribe("app")
    refused, waits = world.accept(2)
    world.decide(Decision(refused, "push", "", "missing_signature", "", ()))
    world.fan_out(waits, app)
    done = fleet("deliveries", "retry", refused, waits)
    assert (done.code, done.out) == (0, "Nothing to do: none of these has failed.\n")
    assert f"{refused} was rejected; only its sender can send it again." in done.err
    assert f"{waits}: 1 queued. Nothing of it is out of attempts." in done.err


def test_who_names_one_that_is_not_dead_is_told(fleet: Fleet, world: World) -> None:
    [dead] = die(world, world.subscribe("app"))
    assert fleet("deliveries", "retry", dead).code == 0
    done = fleet("deliveries", "retry", dead)
    assert done.code == Exit.FAILED
    assert done.out == f"0 retried.\nLeft as they are: 1 not dead (any more).\n  {dead}\n"


def test_a_rehearsal_counts_and_changes_nothing(fleet: Fleet, world: World) -> None:
    app, ci = world.subscribe("app"), world.subscribe("ci")
    [one] = die(world, app)
    die(world, ci, 2, note="timeout")
    before = world.dump()
    said = fleet("deliveries", "retry", "--subscription", "ci", "--dry-run").out
    assert said == "2 failed deliveries (timeout: 2) would be retried. Nothing was changed.\n"
    assert fleet("deliveries", "discard", one, "--dry-run", "--json").json == {
        "would": "discard",
        "count": 1,
        "is_complete": True,
        "by_note": {"500": 1},
    }
    assert world.dump() == before


def test_all_are_retried_in_bounded_calls(fleet: Fleet, world: World) -> None:
    app = world.subscribe("app")
    for _ in range(5):
        die(world, app, 90)
    done = fleet("deliveries", "retry", "--all", "--json")
    assert (done.code, done.json) == (0, {"retried": 450, "skipped": [], "is_complete": True})
    assert world.counts()["delivery:in_flight"] == 450
    assert world.differences() == []


def test_a_filter_leaves_the_others_alone(fleet: Fleet, world: World) -> None:
    app = world.subscribe("app")
    die(world, app, 2)
    die(world, app, 3, kind="pull_request.opened")
    assert fleet("deliveries", "retry", "--type", "pull_request*").out == "3 retried.\n"
    assert fleet("deliveries", "discard", "--until", "1h", "--yes").out.startswith("Nothing to do")
    assert fleet("deliveries", "discard", "--since", "1h", "--yes").out == "2 discarded.\n"
    assert world.counts()["delivery:discarded"] == 2
    assert world.differences() == []


def test_discarding_asks_first(
    fleet: Fleet, world: World, address: str, home: tuple[str, str], tmp_path: Path
) -> None:
    die(world, world.subscribe("app"), 2)
    assert fleet("deliveries", "discard", "--all").code == Exit.WRONG_USE
    environ = {
        "FLEET_API_URL": f"http://{address}",
        "FLEET_TOKEN": home[1],
        "FLEET_STATE_DIR": str(tmp_path),
    }
    done, _ = on_a_terminal(environ, "deliveries discard --all", b"n\n")
    assert done.returncode == Exit.FAILED
    assert b"Discard 2 failed deliveries (500: 2)? They cannot be retried afterwards." in done.stderr
    done, _ = on_a_terminal(environ, "deliveries discard --all", b"y\n")
    assert (done.returncode, done.stdout.strip()) == (0, b"2 discarded.")
    assert world.counts()["delivery:discarded"] == 2


@pytest.mark.parametrize(
    "words", [[], ["--all", "dlv_1"], ["dlv_1", "--type", "push"], ["--all", "--type", "x"]]
)
def test_it_is_clear_which_are_meant(fleet: Fleet, words: list[str]) -> None:
    assert fleet("deliveries", "retry", *words).code == Exit.WRONG_USE


def test_times_have_to_be_times(fleet: Fleet) -> None:
    done = fleet("deliveries", "retry", "--since", "yesterday")
    assert done.code == Exit.WRONG_USE
    assert "2026-01-31" in done.err
