"""`fleet events`: the real command line, the real control API, a real Redis."""

import re
from collections.abc import Iterator

import pytest

from store.connect import SyncStore
from store.decisions import Decision
from tests.command_line import Fleet
from tests.git_world import FIRST, GitWorld
from tests.owner_door import Owner, clock_ms
from tests.world import World


def test_events_that_were_set_aside_are_listed_and_retried(fleet: Fleet, world: World) -> None:
    events = [world.set_aside() for _ in range(3)]
    assert fleet("events", "list").out.count("set aside") == 3
    done = fleet("events", "retry", events[0])
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("1 wait for a worker again")
    assert sorted(fleet("events", "retry", "--set-aside", "--json").json["retried"]) == sorted(events[1:])
    assert world.counts() == {"event:accepted": 3, "event:waiting": 3}
    assert fleet("events", "retry", "--set-aside").out == "No event is set aside.\n"
    assert fleet("events", "show", events[1], "--json").json["state"] == "waiting"


def test_more_than_a_listing_shows_are_retried(fleet: Fleet, world: World) -> None:
    events = world.accept(101)
    for event in events:
        world.command("HSET", f"fleet:event:{event}", "state", "set_aside")
    assert len(fleet("events", "retry", "--set-aside", "--json").json["retried"]) == 101


def test_what_cannot_be_retried_is_told(fleet: Fleet, world: World) -> None:
    [event] = world.accept()
    done = fleet("events", "retry", event)
    assert (done.code, done.err) == (1, f"{event} is waiting, not set_aside; there is nothing to retry.\n")
    assert fleet("events", "retry", "evt_nothing").code == 1


def test_a_story_names_the_webhook_the_subscriptions_and_who_seems_to_have_called(
    fleet: Fleet, world: World
) -> None:
    subscription = world.subscribe("app")
    [event] = world.accept()
    world.decide(Decision(event, "push", "", "", "", (subscription,), seems="gitea"))
    shown = fleet("events", "show", event).out
    assert re.search(r"^  Webhook +hook$", shown, re.MULTILINE)
    assert (
        "a request of Gitea. If Gitea calls this webhook: 'fleet webhooks update hook --sender gitea'\n"
    ) in shown
    assert re.search(r"^app +queued +0 +- *$", shown, re.MULTILINE)
    delivery = fleet("events", "show", event, "--json").json["deliveries"][0]["id"]
    assert shown.endswith(f"\n\napp: {delivery}\n")


def test_the_list_fits_a_terminal_with_ids_in_one_piece(
    fleet: Fleet, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.answers.UNLIMITED", 80)
    subscription = world.subscribe("app")
    accepted, refused = world.accept(2)
    world.fan_out(accepted, subscription)
    world.decide(Decision(refused, "pull_request", "", "missing_signature", "", ()))
    # The log of the relay, which cannot open this webhook, comes before.
    lines = fleet("events", "list").out.partition("WEBHOOK ")[2].splitlines()
    assert max(map(len, lines)) <= 80
    became = {line.split()[-1]: line.split()[1:4] for line in lines[1:]}
    assert became == {accepted: ["push", "1", "queued"], refused: ["pull_request", "missing", "signature"]}


@pytest.fixture
def git_world(redis_url: str, home: tuple[str, str]) -> Iterator[GitWorld]:
    store = SyncStore(redis_url)
    yield GitWorld(store, home[0], now=clock_ms())
    store.close()


def test_of_a_commit_its_repo_is_named_to_the_end(fleet: Fleet, git_world: GitWorld) -> None:
    git_world.poll(git_world.add_repo(), FIRST)
    [event] = git_world.announced()
    git_world.decide(Decision(event, "git.commit", "git", "", "", ()))
    shown = fleet("events", "show", event).out
    assert re.search(rf"^  Commit +infra/app {FIRST}$", shown, re.MULTILINE)
    [row] = [line for line in fleet("events", "list").out.splitlines() if event in line]
    assert row.split()[:4] == ["git", "git.commit", "infra/app", "unmatched"]


def test_a_push_that_nobody_asked_for_sounds_like_no_mistake(fleet: Fleet, world: World) -> None:
    push, other = world.accept(2)
    world.decide(Decision(push, "git.push", "git", "", "", ()))
    world.decide(Decision(other, "push", "", "", "", ()))
    rows = {line.split()[-1]: line for line in fleet("events", "list").out.splitlines() if "evt_" in line}
    assert " nobody asked for it " in rows[push]
    assert " unmatched " in rows[other]
    assert "nobody asked for it\n" in fleet("events", "show", push).out


@pytest.mark.parametrize("words", [[], ["evt_1", "--set-aside"]])
def test_either_events_are_named_or_all_are_meant(fleet: Fleet, words: list[str]) -> None:
    assert fleet("events", "retry", *words).code == 2


def test_events_are_listed_by_no_other_state(address: str, home: tuple[str, str]) -> None:
    answer = Owner(address, home[1]).ask("GET", "/events?state=dead")
    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
